"""Message logs: who wrote to whom, when and what, read from a CSV or a SNAP edge list."""

import contextlib
import csv
import functools
import gzip
import random
import sys
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, TypeVar

from workbench.errors import BadLog, InputFault, MessagingFault
from workbench.messaging.entities import User, checked_text
from workbench.messaging.texts import make_text

CSV_COLUMNS = ("sender", "recipient", "sent_at", "text")
# Bytes that are no UTF-8 become lone surrogates, which are found and told with their line.
TEXT: Any = {"encoding": "utf-8-sig", "errors": "surrogateescape", "newline": ""}
Line = TypeVar("Line", str, list[str])
Parsed = TypeVar("Parsed")
USER_NAMESPACE = uuid.UUID("6b0f2c0e-0f5d-5d0c-9a52-3d1c6d3c4b55")


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One line of a message log; users are the log's own names for them."""

    sender: str
    recipient: str
    sent_at: datetime
    text: str


@dataclass(frozen=True)
class MessageLog:
    """Messages in the order they were sent."""

    name: str
    messages: tuple[LoggedMessage, ...]

    def first(self, count: int | None) -> "MessageLog":
        """The log's first messages; all of them if no count is given."""
        return self if count is None else replace(self, messages=self.messages[:count])


@functools.lru_cache(maxsize=65_536)
def user_named(name: str) -> User:
    """The user of a log's name: the same name is the same user in every run."""
    handle = f"user{name}" if name.isdigit() else name
    return User(str(uuid.uuid5(USER_NAMESPACE, name)), handle, handle.replace("_", " ").title())


def read_log(path: Path, *, texts: Path | None = None, seed: int = 1) -> MessageLog:
    """A message log from a file, plain or .gz, in order of time.

    Two formats are known: CSV under the header `sender,recipient,sent_at[,text]`, with times as
    ISO 8601 with a UTC offset; and a SNAP edge list, lines `sender recipient unix_seconds`. Where
    the log has no texts, they are drawn with the seed: from the texts file, else made up.

    Raises
    ------
    BadLog
        If lines cannot be read; it names each of them, and nothing is loaded.
    InputFault
        If the file cannot be read at all, or has no messages.
    """
    with _open_text(path) as file:
        first_line = next((line for line in file if not line.startswith("#")), "")
        file.seek(0)
        messages = _read_csv(path, file) if "," in first_line else _read_edge_list(path, file)
    if not messages:
        raise InputFault(f"{path} has no messages. Its lines should be {','.join(CSV_COLUMNS)}.")
    messages.sort(key=lambda message: message.sent_at)
    has_texts = all(message.text for message in messages)
    if has_texts and texts is not None:
        raise InputFault(f"{path} has texts of its own: leave {texts} out")
    if not has_texts:
        rng = random.Random(seed)
        drawn = None if texts is None else read_texts(texts)
        messages = [
            m if m.text else replace(m, text=rng.choice(drawn) if drawn else make_text(rng))
            for m in messages
        ]
    return MessageLog(path.name, tuple(messages))


def read_texts(path: Path) -> list[str]:
    """Message texts from a file, plain or .gz: one a line, or the last column of a .tsv.

    Raises
    ------
    BadLog
        If a text cannot be sent.
    InputFault
        If the file cannot be read, or has no texts.
    """
    with _open_text(path) as file:
        lines = [line.rstrip("\r\n") for line in file]
    if ".tsv" in path.suffixes:
        lines = ["", *(line.rpartition("\t")[2] for line in lines[1:])]  # "" for the header
    numbered = ((number, text) for number, text in enumerate(lines, 1) if text.strip())
    texts = _parse_lines(path, numbered, checked_text)
    if not texts:
        raise InputFault(f"{path} has no texts: it should hold one a line")
    return texts


def _read_csv(path: Path, file: TextIO) -> list[LoggedMessage]:
    rows = csv.reader(file)
    header = [name.strip() for name in next(rows)]
    if set(header) not in (set(CSV_COLUMNS), set(CSV_COLUMNS[:3])):
        wanted = ",".join(CSV_COLUMNS)
        raise BadLog(str(path), [(1, f"the header should be {wanted} (got {header})")])
    return _parse_lines(path, _numbered_rows(path, rows), functools.partial(_csv_message, header))


def _numbered_rows(path: Path, rows: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV reader, each with the line that it begins on."""
    while True:
        first_line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadLog(str(path), [(first_line, str(error))]) from error
        if row:
            yield first_line, row


def _csv_message(header: list[str], row: list[str]) -> LoggedMessage:
    if len(row) != len(header):
        raise ValueError(f"has {len(row)} values where the header has {len(header)}")
    values = dict(zip(header, map(str.strip, row), strict=True))
    try:
        sent_at = datetime.fromisoformat(values["sent_at"])
    except ValueError:
        raise ValueError(
            f"sent_at {values['sent_at']!r} is no ISO 8601 time, such as 2026-01-31T09:00:00+00:00"
        ) from None
    if sent_at.tzinfo is None:
        raise ValueError(f"sent_at {values['sent_at']!r} has no UTC offset, such as +00:00")
    text = checked_text(values["text"]) if "text" in values else ""
    return _between_two(values["sender"], values["recipient"], sent_at.astimezone(UTC), text)


def _read_edge_list(path: Path, file: TextIO) -> list[LoggedMessage]:
    numbered = (
        (number, line.split())
        for number, line in enumerate(file, 1)
        if line.strip() and not line.startswith("#")
    )
    return _parse_lines(path, numbered, _edge_message)


def _edge_message(fields: list[str]) -> LoggedMessage:
    if len(fields) != 3:
        raise ValueError(
            f"has {len(fields)} values where `sender recipient unix_seconds` has 3 "
            "(the first line of a CSV has commas)"
        )
    sender, recipient, seconds = fields
    try:
        sent_at = datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{seconds!r} is no time in seconds since 1970") from None
    return _between_two(sender, recipient, sent_at, "")


def _between_two(sender: str, recipient: str, sent_at: datetime, text: str) -> LoggedMessage:
    if not sender or not recipient:
        raise ValueError("sender and recipient must have a name")
    if sender == recipient:
        raise ValueError(f"{sender!r} writes to themselves")
    return LoggedMessage(sys.intern(sender), sys.intern(recipient), sent_at, text)


def _parse_lines(
    path: Path, numbered: Iterable[tuple[int, Line]], parse: Callable[[Line], Parsed]
) -> list[Parsed]:
    """All lines parsed, or all problems told: nothing is half-loaded."""
    parsed, problems = [], []
    for number, line in numbered:
        try:
            "".join(line).encode()
            parsed.append(parse(line))
        except UnicodeEncodeError:
            problems.append((number, "is not UTF-8"))
        except (ValueError, MessagingFault) as error:
            problems.append((number, str(error)))
    if problems:
        raise BadLog(str(path), problems)
    return parsed


@contextlib.contextmanager
def _open_text(path: Path) -> Iterator[TextIO]:
    try:
        with gzip.open(path, "rt", **TEXT) if path.suffix == ".gz" else path.open(**TEXT) as file:
            yield file
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        raise InputFault(f"{path} cannot be read: {error}") from error
