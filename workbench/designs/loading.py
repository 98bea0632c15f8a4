"""Designs in files of the user's own: a Python file is run, and its one design class checked.

A design file is code. It runs with the rights of whoever loads it, so load none that you have not
read.
"""

import inspect
import itertools
import linecache
import re
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from workbench.errors import DesignNotLoaded, PatternRefused
from workbench.messaging.access_patterns import ACCESS_PATTERNS, ESSENTIAL, AccessPatterns
from workbench.streams.filters import checked_patterns

if TYPE_CHECKING:
    from workbench.designs import Design

MODULE_PREFIX = "workbench_own_design_"
PARTITION_KEY = "pk"  # by which the function on the stream groups records
NEW_IMAGES = ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")
OPTIONAL = set(ACCESS_PATTERNS) - set(ESSENTIAL)
PATTERNS = {
    name: str(inspect.getdoc(method))[0]  # each docstring begins with its letter
    for name, method in vars(AccessPatterns).items()
    if inspect.isfunction(method) and not name.startswith("_")
}
_numbers = itertools.count(1)
_loaded: dict[Path, tuple[tuple[int, int], "type[Design]"]] = {}


def load_design(path: Path, *, taken: Collection[str] = ()) -> "type[Design]":
    """The one design class that a Python file defines; the same class while the file is the same.

    Parameters
    ----------
    taken
        Names that the design must not have, because other designs have them.

    Raises
    ------
    DesignNotLoaded
        If it cannot be run, or defines no such class; the message lists all that is wrong.
    """
    path = path.expanduser()
    if path.suffix != ".py":
        raise DesignNotLoaded(str(path), ["a design is in a file whose name ends in .py"])
    if not path.is_file():
        raise DesignNotLoaded(str(path), [f"there is no such file (looked in {Path.cwd()})"])
    place, stat = path.resolve(), path.stat()
    stamp = stat.st_mtime_ns, stat.st_size
    if place not in _loaded or _loaded[place][0] != stamp:
        design = _only_design(path, _run(path, place))
        if problems := list(_problems(design, taken)):
            raise DesignNotLoaded(str(path), problems)
        _loaded[place] = stamp, cast("type[Design]", design)
    return _loaded[place][1]


def own_line(error: BaseException) -> str:
    """What to put behind an error's message: the last line of a user's file that it came through.

    It is empty for errors that came through none, as those of our own designs.
    """
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        if frame.f_globals.get("__name__", "").startswith(MODULE_PREFIX):
            file = frame.f_code.co_filename
            line = linecache.getline(file, number).strip()
            return f" (line {number} of {Path(file).name}: {line})"
    return own_line(error.__cause__) if error.__cause__ else ""


def _run(path: Path, place: Path) -> ModuleType:
    """The file as a module; it is compiled here, so that no cache of an older version is used."""
    module = ModuleType(f"{MODULE_PREFIX}{next(_numbers)}_{path.stem}")
    module.__file__ = str(place)
    sys.modules[module.__name__] = module  # where dataclasses and others look it up
    try:
        linecache.checkcache(str(place))
        exec(compile(place.read_bytes(), str(place), "exec"), module.__dict__)
    except KeyboardInterrupt:
        raise
    except SyntaxError as error:
        file = Path(error.filename or place).name
        line = f"line {error.lineno or 1} of {file}: {(error.text or '').strip()}"
        raise DesignNotLoaded(str(path), [f"it is no Python ({error.msg})\n  {line}"]) from error
    except BaseException as error:
        what = f"running it raised {type(error).__name__}: {error}{own_line(error)}"
        raise DesignNotLoaded(str(path), [what]) from error
    return module


def _only_design(path: Path, module: ModuleType) -> type:
    """The class of the module that is a design; those that it imports are not its own."""
    found = [
        each
        for name, each in vars(module).items()
        if isinstance(each, type) and each.__module__ == module.__name__
        if hasattr(each, "list_messages") and not name.startswith("_")
    ]
    found = list(dict.fromkeys(found))
    if not found:
        why = "it defines no class with list_messages. Derive one from MessageItems"
        raise DesignNotLoaded(str(path), [why])
    if len(found) > 1:
        names = ", ".join(each.__name__ for each in found)
        why = f"it defines several designs ({names}). Leave one, or begin the others' names with _"
        raise DesignNotLoaded(str(path), [why])
    return found[0]


def _problems(design: type, taken: Collection[str]) -> Iterator[str]:
    """Everything that keeps a class from being a design."""
    yield from _name_problems(getattr(design, "name", None), taken)
    summary = getattr(design, "summary", None)
    if not isinstance(summary, str) or not summary.strip():
        yield f"'summary' must be one line of text about the design (got {summary!r})"
    yield from _table_problems(getattr(design, "table_definition", None))
    stream_filter = getattr(design, "stream_filter", None)
    try:
        checked_patterns([cast("Mapping[str, Any]", stream_filter)])
    except (PatternRefused, TypeError, AttributeError) as error:
        what = "must say which stream records are new messages, as NEW_MESSAGES does"
        yield f"'stream_filter' {what} ({error}; got {stream_filter!r})"
    yield from _pattern_problems(design)


def _name_problems(name: object, taken: Collection[str]) -> Iterator[str]:
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
        yield f"'name' must be 1 to 60 letters, digits, - and _ (got {name!r})"
    elif name in taken:
        yield f"'name' must not be that of another design (got {name!r}). Choose another"


def _table_problems(definition: object) -> Iterator[str]:
    subject = "'table_definition'"
    if not isinstance(definition, Mapping):
        yield f"{subject} must be the arguments of CreateTable: see define_table (got {definition})"
        return
    if "TableName" in definition:
        yield f"{subject} must have no TableName: each run names a table of its own. Delete it"
    if not definition.get("AttributeDefinitions"):
        yield f"{subject} must have AttributeDefinitions, with the type of each key attribute"
    keys = {"AttributeName": PARTITION_KEY, "KeyType": "HASH"}
    schema = definition.get("KeySchema")
    if not isinstance(schema, Sequence) or keys not in schema:
        key = PARTITION_KEY
        yield f"{subject} must have a KeySchema whose partition key is {key} (got {schema!r})"
    stream = definition.get("StreamSpecification")
    shown = stream if isinstance(stream, Mapping) else {}
    if not shown.get("StreamEnabled") or shown.get("StreamViewType") not in NEW_IMAGES:
        views = " or ".join(NEW_IMAGES)
        yield f"{subject} must have a StreamSpecification, enabled, with {views} (got {stream!r})"


def _pattern_problems(design: Any) -> Iterator[str]:
    """What is not defined, although it must be, or without a reason."""
    if AccessPatterns not in design.__mro__:
        yield "the class must be derived from MessageItems, or from AccessPatterns itself"
        return
    unsupported = design.unsupported
    if not isinstance(unsupported, Mapping):
        yield f"'unsupported' must be a mapping of letters to reasons (got {unsupported!r})"
        return
    for letter, why in unsupported.items():
        if letter not in OPTIONAL:
            yield f"'unsupported' can have F to J, and A to E never (got {letter!r}). Delete it"
        elif not isinstance(why, str) or not why.strip():
            yield f"'unsupported' must give a reason for {letter!r} (got {why!r})"
    for name in sorted(design.__abstractmethods__):
        yield f"{name} must be defined" + (f": it is {PATTERNS[name]}" if name in PATTERNS else "")
    for name, letter in PATTERNS.items():
        method: Callable[..., Any] = getattr(design, name)
        is_own = method is not getattr(AccessPatterns, name)
        if letter in OPTIONAL and letter not in unsupported and not is_own:
            yield f"{name} must be defined, or {letter!r} be given a reason in 'unsupported'"
