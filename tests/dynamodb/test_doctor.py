from pathlib import Path
from typing import Any

import pytest

from workbench.dynamodb import doctor
from workbench.dynamodb.doctor import examine

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path))
    return tmp_path


def faults(environ: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {
        finding.subject: (finding.detail, finding.way_out)
        for finding in examine(environ)
        if finding.way_out is not None
    }


def environ_with_path() -> dict[str, str]:
    import os

    return {"PATH": os.environ["PATH"]}


@pytest.mark.local
def test_sound_set_up_has_no_faults() -> None:
    assert faults(environ_with_path()) == {}


def test_lack_of_java_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "java_candidates", lambda environ: iter(()))
    monkeypatch.setattr(doctor, "find_java", lambda environ: None)

    found = faults({})

    assert "workbench install" in found["Java"][1]
    assert found["DynamoDB Local"] == ("cannot be asked without Java", "Mend Java first.")


def test_broken_java_home_is_told_and_passed_over(tmp_path: Path) -> None:
    environ = environ_with_path() | {"JAVA_HOME": str(tmp_path / "gone")}

    passed_over = [f for f in examine(environ) if f.subject == "Java passed over"]

    assert "gone/bin/java does not run" in passed_over[0].detail


@pytest.mark.parametrize("version", [None, "2.6.1"])
def test_wrong_local_is_found(monkeypatch: pytest.MonkeyPatch, version: str | None) -> None:
    monkeypatch.setattr(doctor, "local_version", lambda java: version)

    detail, way_out = faults(environ_with_path())["DynamoDB Local"]

    assert f"{version or 'not installed'} (wanted 3.3.1)" == detail
    assert "node_modules/" in way_out


def test_stale_state_file_is_found(own_state: Path) -> None:
    (own_state / "server.json").write_text(
        '{"endpoint_url": "http://127.0.0.1:1", "port": 1, "pid": 999999999, "pid_created_at": 1,'
        '"version": "3.3.1", "data_dir": null, "started_at": ""}'
    )

    detail, way_out = faults(environ_with_path())["shared server"]

    assert "names pid 999999999, which is gone" in detail
    assert "workbench down" in way_out


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("http://127.0.0.1:9", "does not answer"),
        ("https://dynamodb.eu-west-1.amazonaws.com", "amazonaws"),
    ],
)
def test_bad_endpoint_is_found(endpoint: str, said: str) -> None:
    detail, _ = faults(environ_with_path() | {"WORKBENCH_ENDPOINT": endpoint})["WORKBENCH_ENDPOINT"]

    assert said in detail


def test_aws_variables_are_told_but_no_fault() -> None:
    environ = environ_with_path() | {"AWS_PROFILE": "production"}

    [finding] = [f for f in examine(environ) if f.subject == "AWS variables"]

    assert finding.detail == "AWS_PROFILE set, and ignored"
    assert not finding.is_fault


def test_full_disk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usage: Any = type("Usage", (), {"free": 1_000_000})()
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)

    assert "make room" in faults(environ_with_path())["disk"][1]


def test_old_python_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PYTHON_MINIMUM", (4, 0))

    assert "Install Python" in faults(environ_with_path())["Python"][1]


def test_taken_compose_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "port_is_taken", lambda port: port == 8000)

    [finding] = [f for f in examine(environ_with_path()) if f.subject == "compose port"]

    assert finding.detail.startswith("8000 is taken")
    assert "change the port there" in finding.detail
    assert not finding.is_fault  # the embedded server does not need it


def test_lack_of_npm_is_a_fault_only_where_it_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "find_npm", lambda environ: None)
    assert "npm" not in faults(environ_with_path())

    monkeypatch.setattr(doctor, "LOCAL_HOME", tmp_path)

    assert "workbench install" in faults(environ_with_path())["npm"][1]
