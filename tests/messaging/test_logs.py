import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import REAL_DATA, ROOT
from workbench.errors import BadLog, InputFault
from workbench.messaging.logs import LoggedMessage, read_log, read_texts, user_named

HEADER = "sender,recipient,sent_at,text\n"


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(content.encode()))
    else:
        path.write_text(content)
    return path


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_csv_is_read_in_order_of_time(tmp_path: Path, name: str) -> None:
    lines = HEADER + 'bo,ada,2026-01-02T01:00:00+01:00,"later, yes"\nada,bo,2026-01-01T00:00Z,hi\n'

    log = read_log(write(tmp_path, name, lines))

    assert log.messages == (
        LoggedMessage("ada", "bo", datetime(2026, 1, 1, tzinfo=UTC), "hi"),
        LoggedMessage("bo", "ada", datetime(2026, 1, 2, tzinfo=UTC), "later, yes"),
    )


@pytest.mark.parametrize("name", ["log.txt", "log.txt.gz"])
def test_edge_list_is_read_with_texts_from_a_file(tmp_path: Path, name: str) -> None:
    texts = write(tmp_path, "texts.txt", "one\n\ntwo\n")

    log = read_log(write(tmp_path, name, "# comment\n1 2 1082040961\n"), texts=texts)

    [message] = log.messages
    assert (message.sender, message.recipient) == ("1", "2")
    assert message.sent_at == datetime(2004, 4, 15, 14, 56, 1, tzinfo=UTC)
    assert message.text in {"one", "two"}


def test_byte_order_mark_and_spaces_do_not_matter(tmp_path: Path) -> None:
    content = "\ufeff" + HEADER + "ada, bo ,2026-01-01T00:00Z, hi\n"

    [message] = read_log(write(tmp_path, "log.csv", content)).messages

    assert (message.sender, message.recipient, message.text) == ("ada", "bo", "hi")


def test_comma_in_a_comment_makes_no_csv(tmp_path: Path) -> None:
    path = write(tmp_path, "log.txt", "# Nodes: 1,899 Edges: 1\n1 2 3\n")

    assert len(read_log(path).messages) == 1


def test_drawn_texts_are_the_same_for_a_seed(tmp_path: Path) -> None:
    path = write(tmp_path, "log.txt", "".join(f"1 2 {second}\n" for second in range(50)))

    assert read_log(path, seed=3) == read_log(path, seed=3)
    assert read_log(path, seed=3) != read_log(path, seed=4)


def test_every_bad_line_is_named_and_nothing_loaded(tmp_path: Path) -> None:
    lines = [
        "ada,bo,2026-01-01T00:00:00+00:00,good",
        "ada,bo,yesterday,x",
        "ada,bo,2026-01-01T00:00:00,x",
        "ada,ada,2026-01-01T00:00:00+00:00,x",
        "ada,,2026-01-01T00:00:00+00:00,x",
        "ada,bo,2026-01-01T00:00:00+00:00",
        "ada,bo,2026-01-01T00:00:00+00:00," + "x" * 1_025,
    ]
    path = write(tmp_path, "log.csv", HEADER + "\n".join(lines))

    with pytest.raises(BadLog, match="6 bad lines, nothing was loaded") as caught:
        read_log(path)

    assert [number for number, _ in caught.value.problems] == [3, 4, 5, 6, 7, 8]
    message = str(caught.value)
    for part in (
        "'yesterday' is no ISO 8601 time",
        "no UTC offset",
        "themselves",
        "must have a name",
        "has 3 values",
    ):
        assert part in message


def test_bad_edge_lines_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, "log.txt", "1 2 3\n1 2\n1 2 soon\n1 2 1e30\n")

    with pytest.raises(BadLog) as caught:
        read_log(path)

    assert [number for number, _ in caught.value.problems] == [2, 3, 4]


def test_more_than_ten_bad_lines_are_counted(tmp_path: Path) -> None:
    with pytest.raises(BadLog, match="and 5 more"):
        read_log(write(tmp_path, "log.txt", "bad\n" * 15))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("log.csv", "from,to,when\n", "the header should be"),
        ("log.csv", HEADER, "has no messages"),
        ("empty.txt", "", "has no messages"),
        ("log.csv", HEADER + 'a,b,"2026', "bad line"),
    ],
)
def test_unusable_log_is_refused(tmp_path: Path, name: str, content: str, said: str) -> None:
    with pytest.raises(InputFault, match=said):
        read_log(write(tmp_path, name, content))


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    broken_gz = tmp_path / "log.csv.gz"
    broken_gz.write_bytes(b"\x1f\x8b\x08 not really")

    for path in (broken_gz, tmp_path / "missing.csv"):
        with pytest.raises(InputFault, match="cannot be read"):
            read_log(path)


def test_line_with_an_over_long_field_is_named(tmp_path: Path) -> None:
    good = "a,b,2026-01-01T00:00Z,hi\n"
    path = write(tmp_path, "log.csv", HEADER + good + "a,b,2026-01-01T00:00Z," + "x" * 140_000)

    with pytest.raises(BadLog, match="line 3: field larger than field limit"):
        read_log(path)


def test_bad_line_after_a_text_of_several_lines_is_named(tmp_path: Path) -> None:
    several = 'a,b,2026-01-01T00:00Z,"one\ntwo\nthree"\n'
    path = write(tmp_path, "log.csv", HEADER + several + 'a,a,2026-01-01T00:00Z,"me\nagain"\n')

    with pytest.raises(BadLog, match="line 5: 'a' writes to themselves"):
        read_log(path)


def test_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(HEADER.encode() + b"ada,bo,2026-01-01T00:00Z,caf\xe9\n")

    with pytest.raises(BadLog, match="line 2: is not UTF-8"):
        read_log(path)


def test_texts_for_a_log_that_has_them_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "log.csv", HEADER + "ada,bo,2026-01-01T00:00Z,hi\n")
    texts = write(tmp_path, "texts.txt", "one\n")

    with pytest.raises(InputFault, match=r"has texts of its own: leave .*texts\.txt out"):
        read_log(path, texts=texts)


def test_texts_of_a_tsv_are_its_last_column(tmp_path: Path) -> None:
    path = write(tmp_path, "texts.tsv.gz", "Label\tText\nham\tGo until\nspam\tWin\n")

    assert read_texts(path) == ["Go until", "Win"]


def test_same_name_is_the_same_user() -> None:
    assert user_named("ada") == user_named("ada")
    assert user_named("ada").uuid != user_named("bo").uuid
    assert user_named("7").handle == "user7"


def test_shipped_log_can_be_read() -> None:
    assert len(read_log(ROOT / "data" / "messages.csv").messages) == 3_000


@pytest.mark.real_data
@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the real data sets are not ours to ship")
def test_real_log_is_read_whole() -> None:
    log = read_log(REAL_DATA / "CollegeMsg.txt.gz", texts=REAL_DATA / "SMSSpamCollection.tsv.gz")

    assert len(log.messages) == 59_835
    assert len({message.text for message in log.messages}) > 5_000
