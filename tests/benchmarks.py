"""Ratios that matter, measured side by side in one run: `make bench`. Nothing here is asserted."""

import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from workbench.capacity.assumptions import Assumptions
from workbench.capacity.prices import read_prices
from workbench.costs.flips import AXES, MAP_SIZE, Costs, flip_map
from workbench.costs.storage import read_traces
from workbench.designs import Single
from workbench.dynamodb import server as server_module
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.server import private_servers
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import open_targets
from workbench.messaging.logs import read_log
from workbench.messaging.workload import Workload, workload_of

DATA = Path(__file__).resolve().parents[1] / "data"
ROUNDS = 40
CALLS_PER_ROUND = 50


def timed_ms(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1_000


def bench_meter() -> None:
    """The median GetItem of a metered client against that of a bare one, in turns."""
    with open_targets(environ={}) as [target]:
        bare, metered = target.client(), target.client()
        meter = Meter(metered)
        key = {"pk": {"S": "p"}, "sk": {"S": "s"}}
        with temporary_table(bare, "bench", Single.table_definition) as table:
            bare.put_item(TableName=table.name, Item=key)
            for _ in range(2_000):  # warm-up of the server
                bare.get_item(TableName=table.name, Key=key)
            times: dict[str, list[float]] = {"bare": [], "metered": []}
            for _ in range(ROUNDS):
                for name, client in (("bare", bare), ("metered", metered)):
                    with meter.watching():
                        times[name] += [
                            timed_ms(lambda c=client: c.get_item(TableName=table.name, Key=key))
                            for _ in range(CALLS_PER_ROUND)
                        ]
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(
        f"GetItem, median of {ROUNDS * CALLS_PER_ROUND}: bare {medians['bare']:.3f} ms, "
        f"metered {medians['metered']:.3f} ms, ratio {medians['metered'] / medians['bare']:.3f}"
    )


def bench_start_up() -> None:
    """Seconds until the embedded server answers, with our flags and with Java's defaults."""

    def start() -> None:
        with private_servers():
            pass

    chosen, defaults = server_module.JVM_FLAGS, server_module.JVM_FLAGS[1:]
    times: dict[str, list[float]] = {"chosen": [], "defaults": []}
    for _ in range(5):
        for name, flags in (("chosen", chosen), ("defaults", defaults)):
            server_module.JVM_FLAGS = flags
            times[name].append(timed_ms(start))
    medians = {name: statistics.median(values) / 1_000 for name, values in times.items()}
    print(
        f"server up and down, median of 5: our flags {medians['chosen']:.2f} s, Java's defaults "
        f"{medians['defaults']:.2f} s, ratio {medians['chosen'] / medians['defaults']:.3f}"
    )


def bench_command_line() -> None:
    """Seconds for `workbench --help`."""
    import sys

    command = [str(Path(sys.executable).with_name("workbench")), "--help"]
    times = [
        timed_ms(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
        for _ in range(9)
    ]
    print(f"workbench --help, median of 9: {statistics.median(times):.0f} ms")


def bench_maps() -> None:
    """Maps of five designs; the fifth is a copy of the first."""
    models = read_traces(DATA / "traces.json").models
    five = {**models, "fifth": next(iter(models.values()))}
    costs = Costs(five, read_prices(DATA / "prices.csv"), "us-east-1", Assumptions())
    workloads = {"averages": Workload(), "log": workload_of(read_log(DATA / "messages.csv"))}
    for y in ("inbox_length", "text_bytes"):
        for name, workload in workloads.items():
            axes = AXES["reads_per_message"], AXES[y]
            best = min(
                timed_ms(lambda w=workload, a=axes: flip_map(costs, w, *a)) for _ in range(5)
            )
            print(f"map {MAP_SIZE} x {MAP_SIZE}, reads by {y}, {name}: best of 5 {best:.0f} ms")
    axes = AXES["inbox_length"], AXES["text_bytes"]
    best = min(timed_ms(lambda: flip_map(costs, workloads["log"], *axes)) for _ in range(5))
    print(f"map {MAP_SIZE} x {MAP_SIZE}, inbox by texts, log: best of 5 {best:.0f} ms")


if __name__ == "__main__":
    bench_maps()
    bench_command_line()
    bench_start_up()
    bench_meter()
