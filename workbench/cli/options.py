"""What several commands share: options, paths, progress bars, checks of what was given."""

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from workbench.errors import OutputNotWritable

ROOT = Path(__file__).resolve().parents[2]
SHIPPED_LOG = ROOT / "data" / "messages.csv"
INTERRUPTED = 130  # what a shell reports of a command that Ctrl-C ended
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class NewFile(click.Path):
    """A file to write, whose folder is tried before any work is done for it."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> Any:
        """The path, or OutputNotWritable."""
        path = Path(str(super().convert(value, param, ctx)))
        check_writable(path.parent, param.opts[0])
        return path


NEW_FILE = NewFile()
DESIGN_HELP = "By name, or a file of your own (`workbench new`), whose code is run"


def several(*options: Decorator) -> Decorator:
    """Options that commands share, as one."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


design_option = click.option(
    "--design", "design_name", default="dual", metavar="NAME|FILE", help=f"{DESIGN_HELP}."
)


def designs_option(default: str | None = None, *, note: str = ".  [default: ours]") -> Decorator:
    """The option that names several designs."""
    return click.option("--designs", "names", default=default, help=f"{DESIGN_HELP}{note}")


def of_form(form: str, allowed: str) -> Any:
    """A check of an option's value, for click to call."""

    def check(ctx: click.Context, param: click.Parameter, value: str) -> str:
        if not re.fullmatch(form, value, re.ASCII):
            raise click.BadParameter(f"must be {allowed} (got {value!r})")
        return value

    return check


def table_option(default: str, purpose: str) -> Decorator:
    """The option that names a table."""
    return click.option(
        "--table",
        "table_name",
        metavar="NAME",
        callback=of_form(r"[\w.-]{3,255}", "3 to 255 letters, digits, _, - and ."),
        default=default,
        help=purpose,
    )


page_size_option = click.option(
    "--page-size",
    type=click.IntRange(1, 1000),
    default=20,
    help="Messages or conversations a page.",
)

out_file_option = click.option("--out", type=NEW_FILE, help="File to write.")


def per_second_option(default: float, purpose: str) -> Decorator:
    """The option that gives a rate."""
    return click.option(
        "--per-second", type=click.FloatRange(min=0, min_open=True), default=default, help=purpose
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")

endpoint_option = click.option(
    "--endpoint", metavar="URL", help="A DynamoDB API on this machine, already running."
)


target_options = several(
    endpoint_option,
    click.option(
        "--aws", "aws_region", metavar="REGION", help="Use AWS itself, which costs money."
    ),
)
seed_option = click.option("--seed", default=1, help="Seed of everything drawn.")
log_options = several(
    click.option(
        "--log",
        "log_path",
        type=EXISTING_FILE,
        default=SHIPPED_LOG,
        show_default="data/messages.csv",
        help="CSV `sender,recipient,sent_at[,text]` or SNAP edge list "
        "`sender recipient unix_seconds`; plain or .gz.",
    ),
    click.option(
        "--texts",
        type=EXISTING_FILE,
        help="Texts for a log that has none: one a line, or the last column of a .tsv; "
        "plain or .gz. Without it they are made up.",
    ),
    seed_option,
)


def check_writable(folder: Path, option: str = "--out") -> None:
    """Refuse a folder that could not be made or written, before any work is done for it."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise OutputNotWritable(
            f"{folder} cannot be written ({error.strerror}): choose another {option}"
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
