from pathlib import Path

import pytest

from workbench.errors import CheckpointNotReadable
from workbench.streams.checkpoints import Checkpoint, read_checkpoint

STORED = Checkpoint("table-id", "stream-arn", {"shard": "17"})


def test_checkpoint_is_read_as_it_was_written(tmp_path: Path) -> None:
    STORED.write(tmp_path / "point.json")

    found = read_checkpoint(tmp_path / "point.json", table_id="table-id", stream_arn="stream-arn")

    assert found == STORED
    assert [path.name for path in tmp_path.iterdir()] == ["point.json"]


@pytest.mark.parametrize(
    ("table_id", "stream_arn"), [("table-id", "new-stream"), ("new-table", "stream-arn")]
)
def test_new_stream_or_table_never_resumes_from_an_old_checkpoint(
    tmp_path: Path, table_id: str, stream_arn: str
) -> None:
    STORED.write(tmp_path / "point.json")

    found = read_checkpoint(tmp_path / "point.json", table_id=table_id, stream_arn=stream_arn)

    assert found == Checkpoint(table_id, stream_arn, {})


def test_write_that_fails_leaves_the_old_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "point.json"
    STORED.write(path)
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))

    with pytest.raises(OSError, match="full"):
        Checkpoint("table-id", "stream-arn", {"shard": "99"}).write(path)

    assert read_checkpoint(path, table_id="table-id", stream_arn="stream-arn") == STORED
    assert [each.name for each in tmp_path.iterdir()] == ["point.json"]


NOT_OURS = (
    "my notes",
    "{",
    "[]",
    "3",
    '{"handled": {"shard": "17"}}',
    '{"table_id": "t", "stream_arn": "s", "handled": []}',
    '{"table_id": "t", "stream_arn": "s", "handled": {"shard": 17}}',
)


@pytest.mark.parametrize("content", NOT_OURS)
def test_file_that_is_no_checkpoint_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(content)

    with pytest.raises(CheckpointNotReadable, match=r"notes\.txt is no checkpoint"):
        read_checkpoint(path, table_id="table-id", stream_arn="stream-arn")

    assert path.read_text() == content


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_no_checkpoint_or_an_empty_file_begins_with_the_oldest(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "point.json"
    if content is not None:
        path.write_text(content)

    found = read_checkpoint(path, table_id="table-id", stream_arn="stream-arn")

    assert found.handled == {}
