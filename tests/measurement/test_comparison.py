import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.conftest import REAL_DATA
from workbench.designs import BASELINE, DESIGNS, Dual, DualFixed, Single
from workbench.dynamodb.meter import Usage
from workbench.dynamodb.targets import Target
from workbench.errors import InboxesDisagree, InputFault, UnexplainedDifference
from workbench.measurement.comparison import compare
from workbench.measurement.exercise import Samples, _measured, exercise
from workbench.measurement.results import Run, summarise
from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.messaging.entities import Conversation, User
from workbench.messaging.generator import generate_messages
from workbench.messaging.logs import MessageLog, read_log, user_named
from workbench.trials import trial as trial_module
from workbench.trials.replay import check_inboxes, replay
from workbench.trials.trial import Trial, open_trial

pytestmark = pytest.mark.local
COMPARED = (*DESIGNS, BASELINE)
LOG = MessageLog("made", tuple(generate_messages(users=8, messages=60)))


def silent(task: str, done: int, total: int) -> None:
    """No progress shown."""


@pytest.fixture(scope="module")
def run(target: Target) -> Iterator[Run]:
    yield compare(COMPARED, LOG, [target] * len(COMPARED), calls=6, seed=3)


def patterns(run: Run, design: str) -> dict[str, Any]:
    return json.loads(run.to_json())["designs"][design]["patterns"]


@pytest.mark.parametrize("design", COMPARED, ids=lambda design: design.name)
def test_every_pattern_is_reported_with_every_key(run: Run, design: Any) -> None:
    wanted = {
        "calls", "round_trips", "consumed_rru", "consumed_wru", "items_read", "items_returned",
        "bytes_read", "bytes_returned", "stream_records", "differences", "median_latency_ms",
        "estimated_rru", "estimated_wru", "rows_touched",
        "latency_quartiles_ms", "latency_samples_ms",
    }  # fmt: skip

    found = patterns(run, design.name)

    assert list(found) == [each for each in ACCESS_PATTERNS if each not in design.unsupported]
    for pattern, result in found.items():
        assert set(result) == wanted
        assert result["calls"] == 6
        assert result["calls"] == len(result["latency_samples_ms"])
        assert result["median_latency_ms"] > 0 or (design.name, pattern) == ("relational", "E")


@pytest.mark.parametrize(
    ("design", "pattern", "key", "expected"),
    [
        ("dual", "C", "consumed_wru", 1.0),
        ("dual", "C", "consumed_rru", 0.5),
        ("dual", "C", "round_trips", 2.0),
        ("dual", "E", "consumed_wru", 8.0),
        ("dual", "E", "consumed_rru", 0.5),
        ("dual", "E", "round_trips", 5.0),
        ("dual", "C", "stream_records", 1.0),
        ("dual", "E", "stream_records", 4.0),
        ("dual", "D", "stream_records", 3.0),
        ("dual", "B", "round_trips", 1.0),
        ("single", "C", "consumed_wru", 1.0),
        ("single", "C", "consumed_rru", 1.0),
        ("single", "C", "round_trips", 2.0),
        ("single", "E", "consumed_wru", 5.0),
        ("single", "E", "consumed_rru", 0.0),
        ("single", "E", "stream_records", 1.0),
        ("single", "D", "stream_records", 2.0),
        ("single", "B", "round_trips", 2.0),
        ("dual_fixed", "C", "consumed_wru", 1.0),
        ("dual_fixed", "E", "consumed_wru", 6.0),
        ("dual_fixed", "E", "consumed_rru", 0.0),
        ("dual_fixed", "E", "stream_records", 2.0),
        ("dual_fixed", "B", "round_trips", 1.0),
        ("dual_sorted", "C", "consumed_wru", 1.0),
        ("dual_sorted", "E", "consumed_wru", 2.0),
        ("dual_sorted", "E", "stream_records", 2.0),
        ("dual_sorted", "B", "round_trips", 1.0),
        ("pointer", "C", "consumed_wru", 1.0),
        ("pointer", "E", "consumed_wru", 1.0),
        ("pointer", "B", "round_trips", 2.0),
        ("dual", "G", "estimated_wru", 2.0),
        ("single", "G", "estimated_wru", 3.0),
        ("dual_fixed", "G", "round_trips", 1.0),
        ("dual_fixed", "I", "estimated_rru", 0.5),
        ("dual_fixed", "J", "round_trips", 4.0),
        ("dual_fixed", "J", "stream_records", 8.0),
        ("dual_fixed", "F", "round_trips", 3.0),
        ("relational", "A", "round_trips", 2.0),
        ("relational", "C", "round_trips", 4.0),  # a look, BEGIN, INSERT, COMMIT
        ("relational", "C", "rows_touched", 2.0),
        ("relational", "E", "round_trips", 0.0),
        ("relational", "H", "rows_touched", 1.0),
    ],
)
def test_figures_are_the_settled_ones(
    run: Run, design: str, pattern: str, key: str, expected: float
) -> None:
    assert patterns(run, design)[pattern][key] == expected


@pytest.mark.parametrize("design", COMPARED, ids=lambda design: design.name)
def test_unsupported_patterns_are_listed_with_the_reason(run: Run, design: Any) -> None:
    stored = json.loads(run.to_json())["designs"][design.name]

    assert stored["unsupported"] == dict(design.unsupported)
    assert not stored["unsupported"].keys() & stored["patterns"].keys()


def test_baseline_has_no_request_units_rather_than_zero(run: Run) -> None:
    found = patterns(run, "relational")

    for key in ("estimated_rru", "estimated_wru", "consumed_rru", "consumed_wru", "items_read"):
        assert {result[key] for result in found.values()} == {None}
    assert {result["rows_touched"] for result in patterns(run, "dual").values()} == {None}
    assert any("relational baseline" in each for each in run.not_shown)


def test_replay_totals_count_first_and_later_messages(run: Run) -> None:
    firsts = run.log["conversations"]
    later = len(LOG.messages) - firsts

    replayed = run.designs["dual"].replay

    assert replayed.messages == 60
    assert replayed.stream_records == 3 * firsts + 5 * later
    assert replayed.inboxes_agreeing == run.log["users"]


def test_shared_server_is_named_as_a_known_error(run: Run) -> None:
    assert any("shared one server" in error for error in run.known_errors)


def test_differences_are_explained_where_they_occur(run: Run) -> None:
    [error] = [each for each in run.known_errors if each.startswith("collapsed transaction")]
    dual = patterns(run, "dual")

    assert "dual D, single D" in error
    assert dual["D"]["differences"] == {"collapsed transaction": 6, "empty page": 6}
    assert (dual["D"]["estimated_wru"], dual["D"]["consumed_wru"]) == (8.0, 6.0)
    assert dual["C"]["differences"] == {}


def test_unexplained_difference_fails_the_run(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_module, "LOCAL_DIVERGENCES", ())

    with pytest.raises(UnexplainedDifference, match=r"Query: by rule .* no known divergence"):
        compare([Single], LOG.first(5), [target], calls=1)


def test_time_of_side_reads_is_no_latency() -> None:
    class Trial:
        class meter:
            @staticmethod
            @contextlib.contextmanager
            def watching() -> Iterator[Usage]:
                yield Usage(side_seconds=3_600.0)

    with _measured(Trial) as sample:  # type: ignore[arg-type]
        pass

    assert sample.latency_ms < -3_000_000  # an hour was spent aside


def test_run_tells_where_it_was_measured(run: Run) -> None:
    stored = json.loads(run.to_json())

    assert stored["format_version"] == 3
    assert stored["environment"]["dynamodb_local_version"] == "3.3.1"
    assert stored["environment"]["java_version"] >= 17
    assert stored["parameters"] == {
        "calls": 6,
        "page_size": 20,
        "seed": 3,
        "replayed": 300,
    }


def test_tables_are_deleted_after_the_run(run: Run, target: Target) -> None:
    assert run.designs
    assert target.client().list_tables()["TableNames"] == []


def test_nothing_to_compare_is_refused(target: Target) -> None:
    with pytest.raises(InputFault, match="different designs"):
        compare([], LOG, [])
    with pytest.raises(InputFault, match=r"different designs \(got dual, dual\)"):
        compare([Dual, Dual], LOG, [target, target])
    with pytest.raises(InputFault, match="needs a message"):
        compare([Dual], LOG.first(0), [target])


def exercised(
    trial: Trial, log: MessageLog, *, calls: int, patterns: str, page_size: int = 20
) -> Samples:
    options: Any = {"page_size": page_size, "seed": 1, "progress": silent}
    return exercise([trial], log, calls=calls, patterns=patterns, **options)[trial.design.name]


class Slow(Single):
    """Takes 30 ms longer to list an inbox."""

    name = "slow"

    def list_conversations(self, reader: Any, **options: Any) -> Any:
        time.sleep(0.03)
        return super().list_conversations(reader, **options)


def test_latency_is_in_milliseconds(target: Target) -> None:
    with open_trial(Slow, target) as trial:
        replay(trial, LOG.messages[:5], progress=silent)
        found = summarise(exercised(trial, LOG.first(5), calls=3, patterns="B")["B"])

    assert 30 <= found.median_latency_ms < 30_000


def test_page_size_limits_what_is_read(target: Target) -> None:
    log = LOG.first(40)
    with open_trial(Dual, target) as trial:
        replay(trial, log.messages, progress=silent)
        samples = exercised(trial, log, calls=10, patterns="AB", page_size=1)
    found = {letter: summarise(samples[letter]) for letter in "AB"}

    assert found["B"].items_returned == 1.0
    assert found["A"].items_returned == 3.0  # a message and two group items


def test_designs_take_turns_in_blocks(target: Target) -> None:
    order: list[str] = []

    def noting(base: Any) -> Any:
        def list_messages(self: Any, *arguments: Any, **options: Any) -> Any:
            order.append(base.name)
            return base.list_messages(self, *arguments, **options)

        return type(base.__name__, (base,), {"list_messages": list_messages})

    with contextlib.ExitStack() as stack:
        trials = [stack.enter_context(open_trial(noting(each), target)) for each in (Dual, Single)]
        for trial in trials:
            replay(trial, LOG.messages[:5], progress=silent)
        exercise(
            trials, LOG.first(5), calls=60, page_size=20, seed=1, progress=silent, patterns="A"
        )

    blocks = [order[start : start + 20] for start in range(0, len(order), 20)]
    assert all(len(set(block)) == 1 for block in blocks)
    turns = [(blocks[n][0], blocks[n + 1][0]) for n in range(0, len(blocks), 2)]
    assert len(turns) == 1 + 60 // 20  # a warm-up, then the samples
    assert set(turns) == {("dual", "single"), ("single", "dual")}  # no design always comes first


def test_warm_up_is_not_among_the_samples(target: Target) -> None:
    calls = 0

    class DearAtFirst(Dual):
        name = "dear_at_first"

        def list_conversations(self, reader: Any, *, limit: int = 20, cursor: Any = None) -> Any:
            nonlocal calls
            calls += limit == 20  # not those that check the inboxes
            if limit == 20 and calls <= 20:
                super().list_conversations(reader, limit=limit)
            return super().list_conversations(reader, limit=limit, cursor=cursor)

    with open_trial(DearAtFirst, target) as trial:
        replay(trial, LOG.messages, progress=silent)
        found = exercised(trial, LOG, calls=20, patterns="B")["B"]

    assert (calls, len(found)) == (40, 20)
    assert {sample.usage.round_trips for sample in found} == {1}


def test_inbox_is_read_by_whoever_was_written_to(target: Target) -> None:
    readers: set[str] = set()

    class Noting(Dual):
        name = "noting"

        def list_conversations(self, reader: Any, **options: Any) -> Any:
            if options["limit"] == 20:
                readers.add(reader.handle)
            return super().list_conversations(reader, **options)

    one_way = tuple(
        replace(message, sender="ada", recipient=f"friend_{number % 5}")
        for number, message in enumerate(LOG.messages)
    )
    log = MessageLog("one way", one_way)
    with open_trial(Noting, target) as trial:
        replay(trial, log.messages, progress=silent)
        exercised(trial, log, calls=60, patterns="B")

    assert readers == {f"friend_{number}" for number in range(5)}


class KeepsADiary(DualFixed):
    """Writes down who did what, and whether what is hidden is gone."""

    name = "diary"
    renames: ClassVar[list[User]] = []
    shown_when_hidden: ClassVar[list[bool]] = []
    unread: ClassVar[list[int]] = []

    def rename_user(self, user: User) -> None:
        self.renames.append(user)
        super().rename_user(user)

    def hide_conversation(self, conversation: Conversation, hidden_at: datetime) -> None:
        super().hide_conversation(conversation, hidden_at)
        entries = self.list_conversations(conversation.viewer, limit=100).entries
        self.shown_when_hidden.append(conversation in [each.conversation for each in entries])

    def count_unread(self, conversation: Conversation) -> int:
        self.unread.append(super().count_unread(conversation))
        return self.unread[-1]


def test_further_patterns_do_what_they_are_for(target: Target) -> None:
    found = compare([KeepsADiary], LOG.first(20), [target], calls=2).designs["diary"].patterns

    renamed, back = KeepsADiary.renames[::2], KeepsADiary.renames[1::2]
    assert len(renamed) == 1 + 3 and found["H"].calls == 6  # a warm-up, then three there and back
    assert set(back) <= {user_named(message.sender) for message in LOG.messages}
    assert all(new.uuid == old.uuid and new != old for new, old in zip(renamed, back, strict=True))
    assert KeepsADiary.shown_when_hidden == [False] * 4
    assert max(KeepsADiary.unread) > 0
    assert found["J"].calls == found["F"].calls == 2


class Declines(DualFixed):
    """Says that it does not support two patterns, and fails when asked."""

    name = "declines"
    unsupported: ClassVar[Mapping[str, str]] = {"G": "no place", "I": "no index"}

    def hide_conversation(self, *_: Any) -> None:
        raise AssertionError

    def find_conversation(self, *_: Any) -> None:
        raise AssertionError


def test_unsupported_pattern_is_never_called(target: Target) -> None:
    run = compare([Declines, Dual], LOG.first(10), [target] * 2, calls=2)

    assert list(run.designs["declines"].patterns) == list("ABCDEFHJ")
    assert run.designs["declines"].unsupported == {"G": "no place", "I": "no index"}
    assert run.designs["dual"].patterns["G"].calls == 2


def test_message_that_was_not_sent_is_missed(target: Target) -> None:
    with open_trial(Dual, target) as trial:
        replay(trial, LOG.messages[:30], progress=silent)

        with pytest.raises(InboxesDisagree):
            check_inboxes(trial, LOG.messages)


def test_log_of_one_instant_keeps_its_order(target: Target, tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("".join(f"{n % 3} {(n % 3 + 1 + n % 2) % 3} 1082040961\n" for n in range(20)))
    log = read_log(path)

    for design in DESIGNS:
        with open_trial(design, target) as trial:
            assert replay(trial, log.messages, progress=silent).inboxes_agreeing == 3


@pytest.mark.real_data
@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the real data sets are not ours to ship")
def test_real_log_gives_agreeing_inboxes(target: Target) -> None:
    texts = REAL_DATA / "SMSSpamCollection.tsv.gz"
    log = read_log(REAL_DATA / "CollegeMsg.txt.gz", texts=texts).first(120)

    for design in DESIGNS:
        with open_trial(design, target) as trial:
            result = replay(trial, log.messages, progress=silent)

        assert result.messages == 120
        assert result.inboxes_agreeing > 20
