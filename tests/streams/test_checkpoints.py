from pathlib import Path

import pytest

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


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"handled": {"shard": "17"}}', "3"])
def test_no_checkpoint_or_a_torn_one_begins_with_the_oldest(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "point.json"
    if content is not None:
        path.write_text(content)

    found = read_checkpoint(path, table_id="table-id", stream_arn="stream-arn")

    assert found.handled == {}
