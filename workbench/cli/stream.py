"""`workbench stream`: follow a table's stream, hand its records over again, look at them."""

import contextlib
import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.options import (
    EXISTING_FILE,
    INTERRUPTED,
    NEW_FILE,
    design_option,
    log_options,
    per_second_option,
    progress_bars,
    several,
    table_option,
    target_options,
)

if TYPE_CHECKING:
    from workbench.dynamodb.targets import Target
    from workbench.streams.records import StreamRecord

live_table_option = table_option("workbench-live", "Table that has the stream.")
batch_size_option = click.option(
    "--batch-size", type=click.IntRange(1, 10_000), default=100, help="Records."
)


# Settings of an event source mapping, handed over under its own names for them.
mapping_options = several(
    batch_size_option,
    click.option(
        "--window", "maximum_batching_window_in_seconds", default=0.0, metavar="SECONDS",
        help="Wait so long to fill a batch.",
    ),
    click.option(
        "--parallel", "parallelization_factor", default=1, help="Batches at once, 1-10.",
    ),
    click.option(
        "--retries", "maximum_retry_attempts", default=-1, show_default=False,
        help="Attempts after the first.  [default: no limit]",
    ),
    click.option(
        "--max-age", "maximum_record_age_in_seconds", default=-1.0, show_default=False,
        metavar="SECONDS", help="Of a record.  [default: any]",
    ),
    click.option(
        "--bisect", "bisect_batch_on_function_error", is_flag=True,
        help="Halve a batch that fails.",
    ),
)  # fmt: skip


@contextlib.contextmanager
def open_shared(endpoint: str | None, aws_region: str | None) -> "Iterator[Target]":
    """A target that others reach too: what one of these commands does, another one looks at."""
    from workbench.dynamodb.targets import open_targets

    with open_targets(endpoint=endpoint, aws_region=aws_region, may_start=False) as [target]:
        yield target


@click.group()
def stream() -> None:
    """Follow a table's stream as Lambda does, with a design's own function.

    \b
    In one terminal, then in another:
      workbench up
      workbench stream run --design dual
    \b
      workbench stream send --design dual --per-second 50
      workbench stream show
      workbench stream replay --design dual
    """


@stream.command()
@design_option
@live_table_option
@mapping_options
@click.option("--checkpoint", type=NEW_FILE, help="File to keep the position in, and resume from.")
@click.option(
    "--on-failure", type=NEW_FILE, help="File for metadata of what is given up, a JSON each line."
)
@click.option("--latest", is_flag=True, help="Begin with what is written from now on.")
@click.option("--for", "seconds", type=float, metavar="SECONDS", help="Stop after so long.")
@target_options
def run(
    *,
    design_name: str,
    table_name: str,
    checkpoint: Path | None,
    on_failure: Path | None,
    latest: bool,
    seconds: float | None,
    endpoint: str | None,
    aws_region: str | None,
    **settings: Any,
) -> None:
    """Follow a table live, a line for each record, until Ctrl-C.

    A line has the record's sequence number, what changed, what became of it, and for a message
    the time from its sending until all inboxes showed it. Records that are no new message do not
    reach the function: they are filtered, as in deploy/template.yaml. Where there is no such
    table, it is made. Without --checkpoint the oldest record that is left comes first: nothing is
    missed, and the function has to bear what it knows.

    \b
    Examples:
      workbench stream run --batch-size 10 --window 1 --parallel 4
      workbench stream run --checkpoint dual.json --retries 3 --bisect --on-failure lost.jsonl
    """
    from workbench.designs import find_design
    from workbench.live.following import Follower
    from workbench.streams.mapping import EventSourceMapping

    design_class = find_design(design_name)
    mapping = EventSourceMapping(patterns=[design_class.stream_filter], **settings)
    lines = Lines()
    with open_shared(endpoint, aws_region) as target, until(seconds) as over:
        for path in filter(None, (checkpoint, on_failure)):
            path.parent.mkdir(parents=True, exist_ok=True)
        follower = Follower(
            design_class,
            target,
            table_name,
            mapping,
            observe=lines.show,
            on_discard=lambda metadata: append_line(on_failure, metadata),
            start="LATEST" if latest else "TRIM_HORIZON",
            checkpoint_path=checkpoint,
        )
        click.echo(f"following {table_name} on {target}; Ctrl-C stops", err=True)
        for shard_id, number in follower.resumed.handled.items():
            click.echo(f"resuming {shard_id} behind {number}", err=True)
        follower.follow(over)
    for gap in follower.reader.gaps:
        click.echo(f"trimmed before they were read: {gap.shard_id} behind {gap.after}", err=True)
    click.echo(lines.summary(), err=True)


class Lines:
    """Prints what becomes of each record, and remembers how often and how fast."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.lags_ms: list[float] = []

    def show(self, outcome: str, records: "tuple[StreamRecord, ...]", why: str) -> None:
        from workbench.live.sending import lag_ms
        from workbench.streams.records import described

        now = datetime.now(UTC)
        self.counts[outcome] += len(records)
        for record in records:
            line = f"{described(record)}  {outcome}"
            if outcome == "handled":
                self.lags_ms.append(lag_ms(record, now))
                line += f" after {self.lags_ms[-1]:,.0f} ms"
            click.echo(f"{line}{why and f': {why}'}")

    def summary(self) -> str:
        """Counts, and the lag where messages were handled."""
        from workbench.live.sending import median_and_p95

        counted = ", ".join(f"{count:,} {name}" for name, count in sorted(self.counts.items()))
        if len(self.lags_ms) < 2:
            return counted or "no records"
        median_ms, p95_ms = median_and_p95(self.lags_ms)
        lag = f"median {median_ms:,.0f} ms, p95 {p95_ms:,.0f} ms"
        return f"{counted}; from sending to inboxes: {lag}"


@contextlib.contextmanager
def until(seconds: float | None) -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C, SIGTERM or the end of a time has come; what is in hand is finished first.

    Asked a second time, it ends at once.
    """
    stopped: list[int] = []

    def stop(number: int, _frame: object) -> None:
        if stopped:
            raise KeyboardInterrupt
        stopped.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    ends_at = None if seconds is None else time.monotonic() + seconds
    try:
        yield lambda: bool(stopped) or (ends_at is not None and time.monotonic() >= ends_at)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def append_line(path: Path | None, value: Mapping[str, Any]) -> None:
    """Add a JSON object to a file, if there is one to add it to."""
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(value) + "\n")


@stream.command()
@design_option
@live_table_option
@log_options
@click.option("--messages", type=click.IntRange(min=1), help="Only the log's first so many.")
@per_second_option(50.0, "Messages to send.")
@target_options
def send(
    *,
    design_name: str,
    table_name: str,
    log_path: Path,
    texts: Path | None,
    seed: int,
    messages: int | None,
    per_second: float,
    endpoint: str | None,
    aws_region: str | None,
) -> None:
    """Send a log's messages as if written now, at a steady rate.

    The inboxes follow once somebody follows the stream. The table is made if there is none, and
    has to be empty.
    """
    from workbench.designs import find_design
    from workbench.live.sending import open_empty_table, send_live
    from workbench.messaging.logs import read_log

    design_class = find_design(design_name)
    log = read_log(log_path, texts=texts, seed=seed).first(messages)
    count = len(log.messages)
    with open_shared(endpoint, aws_region) as target:
        client = target.client()
        table = open_empty_table(client, table_name, design_class)
        sent = 0
        try:
            with progress_bars() as progress:

                def show_sent(number: int) -> None:
                    nonlocal sent
                    sent = number
                    progress("send", sent, count)

                design = design_class(client, table.name)
                late = send_live(design, log, per_second=per_second, progress=show_sent)
        except KeyboardInterrupt:
            click.echo(
                f"sent {sent:,} of {count:,} messages to {table.name}, then interrupted. Who "
                "follows it goes on with these; to send again, name a new table with --table",
                err=True,
            )
            raise SystemExit(INTERRUPTED) from None
    click.echo(f"sent {count:,} messages to {table.name} on {target}", err=True)
    if late > 1 / per_second:
        click.echo(f"the last one was {late:.1f} s late: this rate is too high here", err=True)


@stream.command()
@live_table_option
@click.option("--json", "as_json", is_flag=True, help="Each record whole, as a function gets it.")
@target_options
def show(*, table_name: str, as_json: bool, endpoint: str | None, aws_region: str | None) -> None:
    """Print what a table's stream holds: 24 hours of records at most, the oldest first.

    \b
    Examples:
      workbench stream show
      workbench stream show --json > records.jsonl
    """
    from workbench.dynamodb.tables import find_table
    from workbench.live.replaying import read_records
    from workbench.streams.records import described

    with open_shared(endpoint, aws_region) as target:
        table = find_table(target.client(), table_name)
        for record in read_records(target, table):
            click.echo(json.dumps(record) if as_json else described(record))


@stream.command()
@design_option
@live_table_option
@batch_size_option
@click.option("--records", "records_path", type=EXISTING_FILE, help="Of `stream show --json`.")
@click.option("--reverse", is_flag=True, help="The newest first, as no stream would.")
@target_options
def replay(
    *,
    design_name: str,
    table_name: str,
    batch_size: int,
    records_path: Path | None,
    reverse: bool,
    endpoint: str | None,
    aws_region: str | None,
) -> None:
    """Hand a stream's records to a design's function once more, and tell what that changed.

    What was handled before must change nothing now: delivery is at least once. Exit code 1 if the
    function reports a failure.
    """
    from workbench.designs import find_design
    from workbench.dynamodb.tables import find_table
    from workbench.live.replaying import load_records, read_records, replay_records

    design_class = find_design(design_name)
    changed = failed = 0
    with open_shared(endpoint, aws_region) as target:
        client = target.client()
        table = find_table(client, table_name, design_class.table_definition)
        records = load_records(records_path) if records_path else read_records(target, table)
        ordered = records[::-1] if reverse else records
        batches = [ordered[at : at + batch_size] for at in range(0, len(ordered), batch_size)]
        design = design_class(client, table.name)
        for batch, answer, changes in replay_records(design, client, table, batches):
            failures = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
            changed, failed = changed + changes, failed + len(failures)
            outcome = f"failed at {failures[0]}" if failures else f"{changes} items changed"
            click.echo(f"{len(batch):>6} records: {outcome}")
    click.echo(f"{len(records):,} records handed over again: {changed} items changed", err=True)
    if failed:
        raise SystemExit(1)
