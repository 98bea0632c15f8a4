"""Machines on the module's server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from workbench.conformance.machine import Machine, Subject, World, open_machine
from workbench.designs import Dual
from workbench.dynamodb.targets import Target
from workbench.streams.runner import Handler


@pytest.fixture(scope="module")
def machine_of(target: Target) -> Iterator[Callable[[Subject], Machine]]:
    """Opens the machine of a subject, once a module."""
    opened: dict[str, Machine] = {}
    with ExitStack() as stack:

        def open_once(subject: Subject) -> Machine:
            if subject.name not in opened:
                opened[subject.name] = stack.enter_context(open_machine(subject, target))
            return opened[subject.name]

        yield open_once


def broken(name: str, change: Callable[[Any, Handler], Handler]) -> Subject:
    """Dual, with a handler made from it and from the right one."""

    def make(world: World) -> tuple[Any, Handler]:
        from workbench.streams.handlers import stream_handler

        design = Dual(world.client, world.table_name)
        return design, change(design, stream_handler(design))

    return Subject(name, Dual.table_definition, make)
