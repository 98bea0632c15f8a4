"""Does the notebook suite notice a package that is wrong? One line of it is broken at a time.

    make mutations                          all, in a copy of the project; a table at the end
    python -m tests.mutations index guard   those whose names have such a word

Each breakage has to turn nbval's comparison of the committed notebooks red; the exit code is 1
where one does not. It is not part of `make test`: all of it takes a quarter of an hour.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import Progress

from tests.conftest import ROOT

TIMEOUT_SECONDS = 400
COPIED = ("workbench", "notebooks", "data", "tests", "pyproject.toml", "deploy", "README.md")
LINKED = ("node_modules", ".venv")


class Mutation(NamedTuple):
    """One line of a module, and how it is broken."""

    name: str
    module: str
    right: str
    wrong: str


MUTATIONS = (
    Mutation("a page rounds each item", "capacity/requests.py",
             "return consistency.value * _blocks(total_bytes, READ_BLOCK_BYTES)",
             "return sum(consistency.value * _blocks(s, READ_BLOCK_BYTES) for s in sizes_bytes)"),
    Mutation("a write block is 4 KB", "capacity/requests.py",
             "WRITE_BLOCK_BYTES = 1_024", "WRITE_BLOCK_BYTES = 4_096"),
    Mutation("doubled unit: eventual reads cost 1", "capacity/requests.py",
             "EVENTUAL = 0.5", "EVENTUAL = 1.0"),
    Mutation("a transaction is not doubled", "capacity/requests.py",
             "TRANSACTION_FACTOR = 2.0", "TRANSACTION_FACTOR = 1.0"),
    Mutation("names are not counted in sizes", "capacity/item_size.py",
             "sum(_text_bytes(name) + value_size_bytes(value) for name, value in item.items())",
             "sum(value_size_bytes(value) for name, value in item.items())"),
    Mutation("a moved index entry is one write", "capacity/indexes.py",
             "yield index, item_size_bytes(before), 0", "pass"),
    Mutation("an index is not sparse", "capacity/indexes.py",
             "if item is None or not all(name in item for name in index.key):",
             "if item is None:"),
    Mutation("a round trip is counted twice", "dynamodb/meter.py",
             "self._usage.round_trips += 1", "self._usage.round_trips += 2"),
    Mutation("reversed order: oldest messages first", "designs/messages.py",
             "ScanIndexForward=False", "ScanIndexForward=True"),
    Mutation("a dropped participant in a first message", "designs/dual.py",
             "message.created_at), **sort_key} for each in seen",
             "message.created_at), **sort_key} for each in seen[:1]"),
    Mutation("a lost guard: an older message wins", "designs/dual.py",
             'if parse_time(message["sk"]["S"]) > _last_reply_at(newest):', "if True:"),
    Mutation("the old group item is not deleted", "designs/dual.py",
             "self._delete_group_item(item)\n\n    def", "pass\n\n    def"),
    Mutation("no membership check", "designs/single.py",
             "if item is None or user.uuid not in", "if item is None and user.uuid not in"),
    Mutation("one of two inboxes", "designs/single.py",
             "for inbox, start in zip(INBOXES, starts, strict=True)\n            ]",
             "for inbox, start in zip(INBOXES[:1], starts[:1], strict=True)\n            ]"),
    Mutation("the first record of a batch only", "streams/handlers.py",
             'for record in event["Records"]:', 'for record in event["Records"][:1]:'),
    Mutation("going on behind a failed record", "streams/handlers.py",
             'return {"batchItemFailures": [{"itemIdentifier": first}]}', "continue"),
    Mutation("a price for a thousand", "capacity/bill.py",
             "MILLION = 1_000_000", "MILLION = 1_000"),
    Mutation("the dearest design wins", "costs/flips.py",
             ".argmin(axis=0)", ".argmax(axis=0)"),
    Mutation("a policy allows all", "iam/policies.py",
             "return Decision(is_allowed, reason)", "return Decision(True, reason)"),
    Mutation("a median of the wrong half", "latency/findings.py",
             'STATISTICS = {"median": 50, "p95": 95}', 'STATISTICS = {"median": 25, "p95": 95}'),
    Mutation("no noise floor", "latency/verdicts.py",
             "if interval.high < 1 / floor:", "if interval.ratio < 1:"),
    Mutation("every guess is right", "course/predictions.py",
             "return bool(abs(guess - measured) <= TOLERANCE * abs(measured))", "return True"),
)  # fmt: skip


def broken(mutation: Mutation, source: str) -> str:
    """The module with its line broken, once or wherever it stands."""
    if mutation.right not in source:
        raise SystemExit(f"{mutation.module} has no line {mutation.right!r}: mend the mutation")
    return source.replace(mutation.right, mutation.wrong)


def copy_project(folder: Path) -> None:
    """What the notebook suite needs, to be broken without harm."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)


def failures(folder: Path) -> Iterator[str]:
    """Notebooks of which nbval finds a cell that shows something else, until the first ones."""
    environ = {**os.environ, "PYTHONPATH": str(folder)}
    command = [
        sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", "-n2", "--dist=loadfile",
        "--maxfail=1", "notebooks",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=TIMEOUT_SECONDS
    )
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"pytest did not run:\n{done.stdout[-2_000:]}{done.stderr[-2_000:]}")
    yield from re.findall(r"^(?:FAILED|ERROR) \S*?([\w.]+\.ipynb)", done.stdout, re.M)


def main() -> None:
    """Break, run, tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*", help="words of the names of mutations")
    words = parser.parse_args().words
    chosen = [m for m in MUTATIONS if not words or any(word in m.name for word in words)]
    survivors = []
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as name, Progress(console=console) as progress:
        folder = Path(name)
        copy_project(folder)
        if found := list(failures(folder)):
            raise SystemExit(f"red before anything was broken: {', '.join(found)}")
        print("| broken | in | noticed by |\n|---|---|---|")
        for mutation in progress.track(chosen, description="mutations"):
            module = folder / "workbench" / mutation.module
            source = module.read_text()
            module.write_text(broken(mutation, source))
            found = list(failures(folder))
            module.write_text(source)
            print(f"| {mutation.name} | `{mutation.module}` | {', '.join(found) or '**none**'} |")
            sys.stdout.flush()
            if not found:
                survivors.append(mutation.name)
    if survivors:
        raise SystemExit(f"not noticed: {', '.join(survivors)}")


if __name__ == "__main__":
    main()
