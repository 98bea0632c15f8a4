"""Where a run was measured: machine, versions, target, commit."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from workbench.dynamodb.install import LOCAL_VERSION, PROJECT_ROOT, find_java, java_major_version
from workbench.dynamodb.targets import Target

PACKAGES = ("boto3", "botocore", "message-group-workbench")


@dataclass(frozen=True)
class Environment:
    """What must be alike in runs that are compared with each other."""

    target: str
    dynamodb_local_version: str | None
    java_version: int | None
    python_version: str
    package_versions: dict[str, str]
    system: str
    cpu_count: int | None
    commit: str | None
    started_at: str


def describe_environment(target: Target) -> Environment:
    """The environment as it is now; what cannot be found out is None."""
    java = find_java() if target.is_ours else None
    return Environment(
        target=target.kind,
        dynamodb_local_version=LOCAL_VERSION if target.is_ours else None,
        java_version=None if java is None else java_major_version(java),
        python_version=platform.python_version(),
        package_versions={name: version(name) for name in PACKAGES},
        system=f"{platform.system()} {platform.machine()}",
        cpu_count=os.cpu_count(),
        commit=_commit(),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _commit() -> str | None:
    """The commit of the project's folder; "-dirty" if files differ from it."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=PROJECT_ROOT, capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
