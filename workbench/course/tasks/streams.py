"""Exercises of lesson 04: what a stream update has to survive."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from workbench.conformance.lessons import LESSONS, replay
from workbench.course.exercises import Exercise, Finding, Judge, Mistake, number, right
from workbench.course.lessons.streams import FailsFor, hand_over, message_record
from workbench.designs.messages import define_table
from workbench.dynamodb.install import DATA
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target, open_targets
from workbench.reports.lessons import Lesson, hunted, read_lessons
from workbench.streams.handlers import stream_handler
from workbench.streams.records import StreamRecord, sequence_number

# --- The bug hunt ----------------------------------------------------------------------------

NOT_ONE_OF_THEM = Finding("not one of the eleven", "a number from 1 to 11 is asked for")


def shown_by(letter: str, because: str) -> Judge:
    """A judge of a fault's number, which is tried: the program runs on the handler with it."""

    def judge(answer: Any) -> Finding:
        if isinstance(answer, bool) or answer not in LESSONS:
            return NOT_ONE_OF_THEM
        lesson = hunted(_lessons())[letter]
        if answer == lesson["number"]:
            return right(because)
        with open_targets(may_start=False) as [target]:
            broken = replay([answer], lesson["steps"], target)
        if broken is None:
            text = f"with fault {answer} alone this program was run, and all promises were kept."
            return Finding("not this fault", text)
        text = (
            f"with fault {answer} alone this program breaks a promise, too ({broken}), but a "
            "shorter one would: which fault needs all of its steps?"
        )
        return Finding("shown by less", text)

    return judge


def _lessons() -> Mapping[int, Lesson]:
    return read_lessons(DATA / "faults.json")


# --- Partial failure -------------------------------------------------------------------------

FAILING_BATCH = [message_record(place, each) for place, each in enumerate("abac", start=1)]


def come_again() -> list[int]:
    """Which of the batch come again when conversation b fails: from the reported record on."""
    response = hand_over(stream_handler(FailsFor("b")), FAILING_BATCH)
    first = int(response["batchItemFailures"][0]["itemIdentifier"])
    return [int(sequence_number(each)) for each in FAILING_BATCH][first - 1 :]


def comes_again(answer: Any) -> Finding:
    """Judge which records come again."""
    if not isinstance(answer, list | tuple) or not all(isinstance(each, int) for each in answer):
        text = "a list of record numbers is asked for, such as [1, 4]"
        return Finding("no list of numbers", text)
    found, expected = sorted(answer), come_again()
    if found == expected:
        return right(
            "Lambda goes back to the lowest record that was reported, whatever became of later "
            "ones: a3 is handled a second time, and has to change nothing then."
        )
    if found == [1, *expected]:
        text = "without a report the whole batch would; this one names the first that failed."
        return Finding("forgot the report", text)
    if found == expected[:1]:
        text = "a shard is read in order, so Lambda goes back to that record, and on from there."
        return Finding("only what failed", text)
    if found == [expected[0], expected[-1]]:
        text = "a3 is done, but Lambda cannot know: it goes back to one place in the shard."
        return Finding("left out what is done", text)
    return Finding("other records", "which one is reported, and what lies behind it in the shard?")


# --- A handler to mend -----------------------------------------------------------------------

BEFORE = "2026-03-01T12:00:00.500000+00:00"
OLD_TEXT = "Hello!"
THROTTLED = "ThrottlingException"


class Case(NamedTuple):
    """Batches for a handler, the texts that the group items then show, and what failing means."""

    batches: Sequence[Sequence[StreamRecord]]
    shown: Mapping[str, str]
    reason: str
    text: str
    is_overtaken: bool = False
    is_throttled: bool = False


def _own_write() -> StreamRecord:
    keys = {"pk": {"S": "GRP#a"}, "sk": {"S": "LAST"}}
    image = {**keys, "message": {"S": "a1"}, "last_reply_at": {"S": BEFORE}}
    change = {"SequenceNumber": "2", "Keys": keys, "NewImage": image}
    return {"eventName": "MODIFY", "dynamodb": change}


_new = message_record
CASES = (
    Case([[_new(1, "a")]], {"a": "a1"}, "nothing happened", "one new message was not shown."),
    Case(
        [[_new(1, "a"), _new(2, "b"), _new(3, "a")]],
        {"a": "a3", "b": "b2"},
        "handled a part of the batch",
        "a batch had three records, of two conversations; not both show their last one.",
    ),
    Case(
        [[_new(1, "a", event="REMOVE"), _new(2, "b")]],
        {"a": OLD_TEXT, "b": "b2"},
        "fell over a REMOVE",
        "a record of a deletion has no new image, and the records behind it wait.",
    ),
    Case(
        [[_new(1, "a"), _own_write()], [_new(3, "a")]],
        {"a": "a3"},
        "took its own write for a message",
        "the update of GRP#a came back as a record, and its sort key LAST was taken for a time, "
        "later than any. Only keys that begin with MSG# are messages.",
    ),
    Case(
        [[_new(1, "a", event="MODIFY")]],
        {"a": OLD_TEXT},
        "took a change for a new message",
        "a message that is modified, as when its sender is renamed, is not a new one.",
    ),
    Case(
        [[_new(2, "a")], [_new(1, "a")]],
        {"a": "a2"},
        "let an older message win",
        "a2 was handled, then a1 came late: the group item has to go on showing a2.",
    ),
    Case(
        [[_new(1, "a")]],
        {"a": "a9"},
        "read first, then wrote",
        "between the two another copy of the function showed a9. The comparison has to be a "
        "condition of the write itself.",
        is_overtaken=True,
    ),
    Case(
        [[_new(1, "a")]],
        {"a": "a1"},
        "swallowed every error",
        "the write was throttled, and the handler neither raised nor reported it: the record does "
        "not come again. Catch the refusal by the condition alone.",
        is_throttled=True,
    ),
)


def survives(answer: Any) -> Finding:
    """Judge a handler by what the group items show after batches of records."""
    if not callable(answer):
        return Finding("no function", "the name of your function is asked for, without brackets")
    with open_targets(may_start=False) as [target]:
        for case in CASES:
            if finding := _tried(answer, case, target):
                return finding
    return right(
        "A batch, a REMOVE, its own writes, a change, an old record, a second copy of itself and "
        "a throttled write: it survives them all."
    )


def _tried(handler: Callable[..., Any], case: Case, target: Target) -> Finding | None:
    """What is wrong with what a handler did, if anything."""
    client, other = target.client(), target.client()
    with temporary_table(client, "exercise", define_table()) as table:
        for conversation in "ab":
            _show(other, table.name, conversation, OLD_TEXT, BEFORE)
        if case.is_overtaken:
            _at_first_write(
                client, partial(_show, other, table.name, "a", "a9", "2026-03-01T12:00:09")
            )
        if case.is_throttled:
            _at_first_write(client, _throttle)
        try:
            for batch in case.batches:
                _handed_over(handler, {"Records": list(batch)}, client, table.name)
        except ClientError as error:
            if "ConditionalCheckFailed" in str(error):
                text = "an error for what is only late makes the batch come again, for ever."
                return Finding("did not catch the refusal", text)
            return Finding("a request was refused", str(error))
        except Exception as error:
            said = f"{type(error).__name__}: {error}. That is, {case.text}"
            return Finding(case.reason, said)
        shown = dict(_shown(other, table.name))
    is_right = shown | dict(case.shown) == shown
    return None if is_right else Finding(case.reason, case.text)


def _show(client: Any, table_name: str, conversation: str, text: str, at: str) -> None:
    item = {
        "pk": {"S": f"GRP#{conversation}"},
        "sk": {"S": "LAST"},
        "message": {"S": text},
        "last_reply_at": {"S": at},
    }
    client.put_item(TableName=table_name, Item=item)


def _shown(client: Any, table_name: str) -> Iterator[tuple[str, str]]:
    for item in client.scan(TableName=table_name)["Items"]:
        if item["pk"]["S"].startswith("GRP#"):
            yield item["pk"]["S"].removeprefix("GRP#"), item.get("message", {}).get("S", "")


def _handed_over(handler: Callable[..., Any], event: Any, client: Any, table_name: str) -> None:
    """Hand over a batch, and again if a throttled request is raised or reported."""
    try:
        answer = handler(event, client, table_name)
        comes_again = isinstance(answer, Mapping) and answer.get("batchItemFailures")
    except ClientError as error:
        if error.response["Error"]["Code"] != THROTTLED:
            raise
        comes_again = True
    if comes_again:
        handler(event, client, table_name)


def _throttle() -> None:
    raise ClientError({"Error": {"Code": THROTTLED, "Message": "throttled"}}, "UpdateItem")


def _at_first_write(client: Any, act: Callable[[], None]) -> None:
    """Have something done just before the client's first write."""
    left = [act]

    def before(**_: Any) -> None:
        if left:
            left.pop()()

    for operation in ("PutItem", "UpdateItem", "TransactWriteItems"):
        client.meta.events.register(f"before-call.dynamodb.{operation}", before)


# --- All -------------------------------------------------------------------------------------

MESSAGES, BATCH_SIZE, UPDATE_WRU = 20, 5, 8

EXERCISES = (
    Exercise(
        "04.hunt_p",
        shown_by(
            "P",
            "Bo's second message carries the earlier time, and is handled last. Without an order "
            "guard the inbox then goes back to it.",
        ),
        (
            "Look at the seconds: which of the two messages is older, and which is handled last?",
            "Each record is handled once here, alone. So it is not the batch.",
            "Which fault lets an older message overwrite a newer one?",
        ),
    ),
    Exercise(
        "04.hunt_q",
        shown_by(
            "Q",
            "The third request is refused. The first was the Query, the second the delete: the old "
            "group item is gone, the new one not there, and the retry finds nothing to rewrite.",
        ),
        (
            "The first delivery only brings the inbox up to the start.",
            "The requests of the second one are the Query, then two for the first participant.",
            "What is in the table if the function ends after the second request?",
        ),
    ),
    Exercise(
        "04.hunt_r",
        shown_by(
            "R",
            "The index answers as it was three steps ago, when nothing was in it: no group item, "
            "so no update, and no error by which the record would come again.",
        ),
        (
            "Nothing crashes here, and each batch has one message.",
            "`stale_index` is what DynamoDB may do at any time: an index answers with what was.",
            "Which fault believes what an index shows?",
        ),
    ),
    Exercise(
        "04.come_again",
        comes_again,
        (
            "Which record does the handler report? Only one: the first of those that failed.",
            "A shard is a sequence: Lambda can go back to a place in it, not skip within it.",
        ),
    ),
    Exercise(
        "04.burst",
        number(
            lambda: MESSAGES / BATCH_SIZE * UPDATE_WRU / MESSAGES,
            "Four batches, four updates of 8 WRU, for twenty messages.",
            lambda: [
                Mistake(
                    UPDATE_WRU, "took each message alone", "a batch is one update of 8 WRU here."
                ),
                Mistake(
                    UPDATE_WRU / MESSAGES,
                    "forgot the batch size",
                    "that is one update for all twenty; batches hold five.",
                ),
                Mistake(
                    MESSAGES / BATCH_SIZE * UPDATE_WRU,
                    "gave the total",
                    "that is for the burst; per message is asked for.",
                ),
            ],
            unit="WRU",
        ),
        (
            "How many batches are twenty messages, at five each?",
            "Each batch is one update, and one update of `dual` is 8 WRU.",
        ),
    ),
    Exercise(
        "04.mend",
        survives,
        (
            "Go through all of `event['Records']`.",
            "`matches([NEW_MESSAGES], record)` tells new messages from other records.",
            "`ConditionExpression='last_reply_at < :at'` has DynamoDB compare as it writes.",
            "A write that is refused by its condition raises "
            "`client.exceptions.ConditionalCheckFailedException`: catch it, and go on.",
        ),
    ),
)
