"""Ratios that matter, measured side by side in one run: `make bench`. Nothing here is asserted."""

import json
import multiprocessing
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.capacity.assumptions import Assumptions
from workbench.capacity.prices import read_prices
from workbench.costs.flips import AXES, MAP_SIZE, Costs, flip_map
from workbench.costs.storage import read_traces
from workbench.designs import DualFixed, Single
from workbench.dynamodb import server as server_module
from workbench.dynamodb.bulk import put_all, to_json
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.server import private_servers
from workbench.dynamodb.tables import silent_table, temporary_table
from workbench.dynamodb.targets import LOCAL_REGION, Target, open_targets
from workbench.latency.blocks import Plan, prepare
from workbench.latency.driving import drive
from workbench.messaging.logs import read_log
from workbench.messaging.workload import Workload, workload_of

DATA = Path(__file__).resolve().parents[1] / "data"
ROUNDS = 40
CALLS_PER_ROUND = 50
WARM_UP_CALLS = 3_000
LOADED = 20_000
METERED = ("bare", "as reported", "metered")


def timed_ms(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1_000


def bench_meter() -> None:
    """A GetItem with the meter watching against one without, in turns: boto3 as it comes, and ours.

    `as reported` leaves out what the meter does behind the call, as our figures do.
    """
    with open_targets(environ={}) as [target]:
        clients = {
            (way, has_meter): target.client(is_plain=way == "boto3")
            for way in ("boto3", "short way")
            for has_meter in (False, True)
        }
        meters = {who: Meter(client) for who, client in clients.items() if who[1]}
        key = {"pk": {"S": "p"}, "sk": {"S": "s"}}
        times: dict[tuple[str, str], list[float]] = defaultdict(list)
        with temporary_table(clients["boto3", False], "bench", Single.table_definition) as table:

            def get(client: Any) -> None:
                client.get_item(TableName=table.name, Key=key)

            clients["boto3", False].put_item(TableName=table.name, Item=key)
            for _ in range(WARM_UP_CALLS):
                get(clients["boto3", False])
            for _ in range(ROUNDS * CALLS_PER_ROUND // 10):
                for (way, has_meter), client in clients.items():
                    for _ in range(10):
                        if not has_meter:
                            times[way, "bare"].append(timed_ms(lambda c=client: get(c)))
                            continue
                        with meters[way, True].watching() as usage:
                            taken = timed_ms(lambda c=client: get(c))
                        times[way, "metered"].append(taken)
                        times[way, "as reported"].append(taken - usage.side_seconds * 1_000)
    for way in ("boto3", "short way"):
        medians = {name: statistics.median(times[way, name]) for name in METERED}
        bare, reported, metered = medians.values()
        print(
            f"GetItem by {way}, median of {len(times[way, 'bare']):,}: bare {bare:.3f} ms, as "
            f"reported by the meter {reported:.3f} ms, ratio {reported / bare:.3f}; with what the "
            f"meter does behind the call {metered:.3f} ms, ratio {metered / bare:.3f}"
        )


def bench_start_up() -> None:
    """Seconds until the embedded server answers, and what a call takes then, by its flags."""
    defaults, long_runs = server_module.JVM_FLAGS[1:], server_module.JVM_FLAGS
    kinds = {
        "Java's defaults": (defaults, False),
        "our flags for long runs": (long_runs, False),
        "our flags for brief ones": (long_runs, True),
    }
    ready: dict[str, list[float]] = defaultdict(list)
    steady: dict[str, list[float]] = defaultdict(list)
    for _ in range(5):
        for name, (flags, is_brief) in kinds.items():
            server_module.JVM_FLAGS = flags
            started = time.perf_counter()
            with open_targets(environ={}, is_brief=is_brief) as [target]:
                ready[name].append(time.perf_counter() - started)
                client = target.client()
                for _ in range(WARM_UP_CALLS):
                    client.list_tables()
                steady[name] += [timed_ms(client.list_tables) for _ in range(CALLS_PER_ROUND)]
    server_module.JVM_FLAGS = long_runs
    ready_by, steady_by = (
        {name: statistics.median(values) for name, values in each.items()}
        for each in (ready, steady)
    )
    for name in kinds:
        print(
            f"server answers, median of 5, {name}: {ready_by[name]:.2f} s, ratio "
            f"{ready_by[name] / ready_by[next(iter(kinds))]:.2f}; a call after "
            f"{WARM_UP_CALLS:,}: {steady_by[name]:.2f} ms, ratio "
            f"{steady_by[name] / steady_by[next(iter(kinds))]:.2f}"
        )


def bench_command_line() -> None:
    """Milliseconds for `workbench --help` and for `import workbench`, and Python's own."""
    commands = {
        "workbench --help": [str(Path(sys.executable).with_name("workbench")), "--help"],
        "import workbench": [sys.executable, "-c", "import workbench"],
        "Python alone": [sys.executable, "-c", ""],
    }
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(9):
        for name, command in commands.items():
            times[name].append(
                timed_ms(lambda c=command: subprocess.run(c, check=True, stdout=subprocess.DEVNULL))
            )
    for name, values in times.items():
        print(f"{name}, median of 9: {statistics.median(values):.0f} ms")


# --- Many items ------------------------------------------------------------------------------


def texts(count: int, number: int) -> Iterator[str]:
    """Message items as JSON."""
    for each in range(count):
        yield to_json(
            {
                "pk": {"S": f"MSG#{number}-{each // 50}"},
                "sk": {"S": f"2026-01-01T00:00:00.{each:06d}+00:00"},
                "message": {"S": "a text of forty characters, as it may be"},
                "message_uuid": {"S": f"00000000-0000-4000-8000-{each:012d}"},
                "user_uuid": {"S": "00000000-0000-4000-8000-000000000007"},
                "user_handle": {"S": "user7"},
                "user_display_name": {"S": "User 7"},
            }
        )


def by_batch_writer(target: Target, table_name: str) -> None:
    """What boto3 offers for it."""
    import boto3

    resource = boto3.resource(
        "dynamodb", region_name=target.region, endpoint_url=target.endpoint_url,
        aws_access_key_id=target.access_key, aws_secret_access_key="local",
    )  # fmt: skip
    with resource.Table(table_name).batch_writer() as batch:
        for item in map(json.loads, texts(LOADED, 0)):
            batch.put_item(Item={name: value["S"] for name, value in item.items()})


def by_put_items(target: Target, table_name: str) -> None:
    """What `workbench load` does with items once it has them."""
    put_all(target.post(), table_name, texts(LOADED, 0))


def by_bare_http(target: Target, table_name: str, number: int, gate: Any) -> None:
    """One of two processes that send requests made beforehand and look at nothing: the ceiling."""
    post, items = target.post(), list(texts(LOADED // 2, number))
    bodies = [
        json.dumps(
            {"RequestItems": {table_name: [
                {"PutRequest": {"Item": json.loads(item)}} for item in items[at : at + 25]
            ]}}
        )
        for at in range(0, len(items), 25)
    ]  # fmt: skip
    for _ in range(2):  # ready, and go
        gate.wait()
    for body in bodies:
        post("BatchWriteItem", body)
    gate.wait()


def seconds_of_two(target: Target, table_name: str) -> float:
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(3)
    children = [
        context.Process(target=by_bare_http, args=(target, table_name, number, gate))
        for number in range(2)
    ]
    for child in children:
        child.start()
    for _ in range(2):
        gate.wait()
    started = time.perf_counter()
    gate.wait()
    seconds = time.perf_counter() - started
    for child in children:
        child.join()
    return seconds


def bench_loading() -> None:
    """Items a second on a table with two indexes, in turns."""
    rates: dict[str, list[float]] = defaultdict(list)
    ways: dict[str, Callable[[Target, str], float]] = {
        "batch_writer": lambda *to: timed_ms(lambda: by_batch_writer(*to)) / 1_000,
        "bare HTTP, 2 processes": seconds_of_two,
        "put_items": lambda *to: timed_ms(lambda: by_put_items(*to)) / 1_000,
    }
    with open_targets(environ={}) as [target]:
        for turn in range(6):
            for name, way in ways.items():
                with silent_table(target.client(), "bench", Single.table_definition) as table_name:
                    rate = LOADED / way(target, table_name)
                if turn:  # the first one warms the server
                    rates[name].append(rate)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    ours = medians["put_items"]
    for name, rate in medians.items():
        print(f"{name}: {rate:,.0f} items/s, median of 5; put_items against it {ours / rate:.2f}")


# --- Many calls ------------------------------------------------------------------------------


def rate_of_one_process(target: Target, threads: int) -> float:
    """GetItem a second by boto3 as it comes."""
    client, key = target.client(is_plain=True), {"pk": {"S": "p"}, "sk": {"S": "s"}}
    with temporary_table(client, "bench", Single.table_definition) as table:
        client.put_item(TableName=table.name, Item=key)
        with ThreadPoolExecutor(threads) as senders:
            started = time.perf_counter()
            for each in [
                senders.submit(client.get_item, TableName=table.name, Key=key)
                for _ in range(WARM_UP_CALLS)
            ]:
                each.result()
            return WARM_UP_CALLS / (time.perf_counter() - started)


def bench_replay() -> None:
    """What one boto3 process reaches however many its threads, and twice that from four."""
    log = read_log(DATA / "messages.csv").first(500)
    plan = Plan(log, 1, 1.0, "poisson", 20, 1)
    with private_servers() as [server]:
        target = Target("embedded", LOCAL_REGION, server.endpoint_url)
        rate_of_one_process(target, 1)  # warms the server
        rates = {threads: rate_of_one_process(target, threads) for threads in (1, 2, 4, 8)}
        told = ", ".join(f"{threads}: {rate:,.0f}" for threads, rate in rates.items())
        print(f"GetItem/s of one boto3 process by its threads: {told}")
        prepared = prepare(DualFixed, target, plan, lambda task, done, total: None)
        for patterns, what in (("I", "GetItem"), ("C", "GetItem and PutItem")):
            for factor in (1.5, 2.0):
                per_second = factor * max(rates.values()) / len(what.split(" and "))
                found = drive(
                    prepared, server, target, replace(plan, per_second=per_second),
                    patterns=patterns, processes=4, seconds=4,
                )  # fmt: skip
                print(
                    f"{what}, {factor} times that from four processes: "
                    f"{found.requests_per_second:,.0f} requests/s sent; cores: client "
                    f"{found.client_cores:.2f}, server {found.server_cores:.2f}; "
                    + (f"held, median {found.median_ms:.2f} ms" if not found.fault else "not held")
                    + (f"; limit: {found.limit}" if found.limit else "")
                )


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
    benches = [
        bench_command_line, bench_start_up, bench_meter, bench_loading, bench_replay,
        bench_maps,
    ]  # fmt: skip
    wanted = sys.argv[1:] or [each.__name__.removeprefix("bench_") for each in benches]
    for bench in benches:
        if bench.__name__.removeprefix("bench_") in wanted:
            bench()
