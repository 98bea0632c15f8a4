"""`workbench drive`: what rate holds, and what gives out first."""

from pathlib import Path

import click

from workbench.cli.options import (
    design_option,
    log_options,
    of_form,
    page_size_option,
    per_second_option,
    progress_bars,
)


@click.command()
@design_option
@log_options
@click.option("--messages", type=click.IntRange(min=2), default=500)
@per_second_option(200.0, "Calls, by all processes together.")
@click.option(
    "--patterns",
    callback=of_form("[ABCI]+", "letters of A, B, C and I"),
    default="BA",
    help="Access patterns, called in turns.",
)
@click.option("--processes", type=click.IntRange(1, 64), default=2)
@click.option("--seconds", type=click.FloatRange(1, 3_600), default=10.0)
@page_size_option
def drive(
    *,
    design_name: str,
    log_path: Path,
    texts: Path | None,
    seed: int,
    messages: int,
    per_second: float,
    patterns: str,
    processes: int,
    seconds: float,
    page_size: int,
) -> None:
    """Call from several processes at a fixed rate, and say which side is the limit.

    Times are fixed beforehand; where the schedule did not hold, no percentiles are shown, but what
    had no time left: a client's process, the server, or the machine.

    \b
    Examples:
      workbench drive --per-second 500
      workbench drive --design single --per-second 1500 --patterns I --processes 4
    """
    from workbench.designs import find_design
    from workbench.latency.blocks import Plan, prepare
    from workbench.latency.driving import drive as send
    from workbench.latency.rounds import own_server
    from workbench.messaging.logs import read_log

    design = find_design(design_name)
    log = read_log(log_path, texts=texts, seed=seed).first(messages)
    plan = Plan(log, 1, per_second, "poisson", page_size, seed)
    with progress_bars() as progress, own_server() as (server, target):
        prepared = prepare(design, target, plan, progress)
        found = send(
                prepared, server, target, plan,
                patterns=patterns, processes=processes, seconds=seconds,
            )  # fmt: skip
    click.echo(
        f"asked {found.asked_per_second:,.0f} calls/s, sent {found.calls_per_second:,.0f} calls/s "
        f"as {found.requests_per_second:,.0f} requests/s from {processes} processes; cores in use: "
        f"client {found.client_cores:.2f}, server {found.server_cores:.2f}"
    )
    if found.fault is None:
        click.echo(f"response: median {found.median_ms:.2f} ms, p95 {found.p95_ms:.2f} ms")
    else:
        click.echo(f"no response times: {found.fault}\nlimit: {found.limit}")
