"""Sessions on the module's server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from workbench.conformance.grounds import Ground, Make, open_ground
from workbench.conformance.session import Session
from workbench.designs import Dual
from workbench.dynamodb.targets import Target

SessionOf = Callable[..., Session]


@pytest.fixture(scope="module")
def session_of(target: Target) -> Iterator[SessionOf]:
    """Opens a session of a design, on a ground that is opened once a module."""
    grounds: dict[tuple[Any, Make | None], Ground] = {}
    with ExitStack() as stack:

        def open_session(design: Any = Dual, make: Make | None = None) -> Session:
            if (design, make) not in grounds:
                ground = stack.enter_context(open_ground(design, target, make))
                grounds[design, make] = ground
            return Session(grounds[design, make])

        yield open_session
