"""How far a stream has been handled, kept in a file from one run of a runner to the next.

A checkpoint belongs to one table and one stream. A table made anew under the same name, or a
stream that was switched off and on, has other sequence numbers, beside which an old position would
hide records for good.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workbench.errors import CheckpointNotReadable


@dataclass(frozen=True)
class Checkpoint:
    """The last sequence number handled in each shard of one stream."""

    table_id: str
    stream_arn: str
    handled: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Store it, whole or not at all."""
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            draft.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def read_checkpoint(path: Path, *, table_id: str, stream_arn: str) -> Checkpoint:
    """What is stored for this very stream; a new checkpoint where there is none, or another's.

    To begin with the oldest record is safe, for handlers have to bear repetition; to begin behind
    a record that was never handled is not.

    Raises
    ------
    CheckpointNotReadable
        If the file holds something else, which would be overwritten.
    """
    new = Checkpoint(table_id, stream_arn)
    try:
        text = path.read_text(encoding="utf-8")
        stored = Checkpoint(**json.loads(text)) if text.strip() else new
        if not all(isinstance(number, str) for number in stored.handled.values()):
            raise TypeError("sequence numbers are texts")
    except FileNotFoundError:
        return new
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CheckpointNotReadable(f"{path} is no checkpoint: name another file") from error
    is_ours = (stored.table_id, stored.stream_arn) == (table_id, stream_arn)
    return stored if is_ours else new
