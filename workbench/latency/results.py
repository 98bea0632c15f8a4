"""A latency comparison as it is stored: raw samples of every block, and histograms of them all."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from workbench.dynamodb.install import find_java
from workbench.dynamodb.server import JVM_FLAGS
from workbench.errors import InputFault, RunsDiffer
from workbench.latency.blocks import ON_SCHEDULE, Block
from workbench.measurement.environment import Environment
from workbench.storage import StoredRun

UNIT = "microseconds"
LONGEST_US = 600_000_000
DIGITS = 3  # of a histogram's values
# Only these may differ in runs that are pooled; seeds even have to, for equal ones are one sample.
FREE = (("environment", "started_at"), ("parameters", "seed"))


@dataclass(frozen=True)
class LatencyRun(StoredRun):
    """Blocks of all subjects, with what has to be alike where blocks are compared.

    `counted` has round trips, request units, items and bytes per design and pattern; `warm_ups`
    are the first calls after each server start, in order; `client` what the client itself takes.
    """

    command = "latency --out RUN.json"
    environment: Environment
    machine: Mapping[str, Any]
    parameters: Mapping[str, Any]
    log: Mapping[str, Any]
    client: Mapping[str, float]
    counted: Mapping[str, Mapping[str, Mapping[str, Any]]]
    warm_ups: Sequence[Mapping[str, Any]]
    blocks: Sequence[Mapping[str, Any]]
    histograms: Mapping[str, Any]
    unit: str = UNIT

    def to_json(self) -> str:
        """The run as one JSON object, a block a line."""
        whole = json.loads(super().to_json())
        lists = {name: whole.pop(name) for name in ("warm_ups", "blocks")}
        told = json.dumps(whole, indent=2).removesuffix("\n}")
        for name, entries in lists.items():
            lines = ",\n    ".join(json.dumps(each, separators=(",", ":")) for each in entries)
            told += f',\n  "{name}": [\n    {lines}\n  ]'
        return told + "\n}\n"


def stored_block(block: Block, subject: str, *, start: int, pair: int) -> dict[str, Any]:
    """A block in plain values; blocks of one pair had the same traffic, one soon after another."""
    patterns: dict[str, Any] = {
        letter: {
            "response": _microseconds(timings.response_ms),
            "service": _microseconds(timings.service_ms),
            "busy": round(timings.busy, 4),
            "lateness": round(timings.lateness, 4),
            "failures": dict(timings.failures),
        }
        for letter, timings in block.timings.items()
    }
    patterns["E"] = {"service": _microseconds(block.update_ms)}
    return {"subject": subject, "start": start, "pair": pair, "patterns": patterns}


def _microseconds(times_ms: Iterable[float]) -> list[int]:
    return [round(each * 1_000) for each in times_ms]


def histograms_of(blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Subject -> pattern -> response and service -> an HdrHistogram in its own encoding."""
    from hdrh.histogram import HdrHistogram

    found: dict[str, Any] = {}
    for subject in sorted({block["subject"] for block in blocks}):
        for letter in (*ON_SCHEDULE, "E"):
            for kind in ("response", "service"):
                histogram = HdrHistogram(1, LONGEST_US, DIGITS)
                samples = pooled(blocks, subject, letter, kind)
                for sample in samples:
                    histogram.record_value(max(1, sample))
                if samples:
                    encoded = histogram.encode().decode()
                    found.setdefault(subject, {}).setdefault(letter, {})[kind] = encoded
    return found


def pooled(blocks: Sequence[Mapping[str, Any]], subject: str, letter: str, kind: str) -> list[int]:
    """All samples of a subject, in microseconds; none where there are no such times."""
    return [
        sample
        for block in blocks
        if block["subject"] == subject
        for sample in block["patterns"][letter].get(kind, ())
    ]


def describe_machine() -> dict[str, Any]:
    """The processor, the memory, and what Java was told and may use; unknown parts are None."""
    java = find_java()
    return {
        "processor": _processor(),
        "cpus": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1024**3),
        "jvm_flags": list(JVM_FLAGS),
        "max_heap_mb": None if java is None else _max_heap_mb(java),
    }


def _processor() -> str | None:
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:  # not Linux
        found = None
    return found[1] if found else platform.processor() or None


def _max_heap_mb(java: Path) -> int | None:
    command = [str(java), *JVM_FLAGS, "-XX:+PrintFlagsFinal", "-version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    found = re.search(r"\bMaxHeapSize\s*=\s*(\d+)", done.stdout)
    return int(found[1]) // 1024**2 if found else None


def read_latency(paths: Sequence[Path]) -> dict[str, Any]:
    """A stored run, or several that agree in all but time and seed, with all their blocks.

    Raises
    ------
    RunNotReadable
        If a file is missing, or is no such run.
    RunsDiffer
        If the runs were not of the same thing on the same machine.
    """
    if not paths:
        raise InputFault("give a stored run")
    first, *others = map(LatencyRun.read, paths)
    seeds = [first["parameters"]["seed"]]
    for path, other in zip(paths[1:], others, strict=True):
        if differing := list(_differing(first, other)):
            raise RunsDiffer(f"{paths[0]} and {path} differ in {', '.join(differing)}")
        seeds.append(other["parameters"]["seed"])
        if len(set(seeds)) < len(seeds):
            raise RunsDiffer(f"{path} has the seed of another: its traffic is no new sample")
        offset = len(first["blocks"])  # pairs of different runs have different numbers
        moved = [{**block, "pair": block["pair"] + offset} for block in other["blocks"]]
        first["blocks"] += moved
        first["warm_ups"] += other["warm_ups"]
    first["parameters"]["seed"] = seeds
    return first


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[str]:
    for part in ("environment", "machine", "parameters", "log"):
        for name in sorted({*one[part], *other[part]}):
            if (part, name) not in FREE and one[part].get(name) != other[part].get(name):
                yield f"{part}.{name} ({one[part].get(name)} and {other[part].get(name)})"
