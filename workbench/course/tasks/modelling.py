"""Exercises of lessons 08 and 12: a model of your own."""

from collections.abc import Callable, Mapping
from typing import Any

from workbench.capacity.requests import write_units
from workbench.course.exercises import Exercise, Finding, Mistake, number, right, word
from workbench.course.lessons.models import failure_text, smallest_failure
from workbench.designs import Design
from workbench.designs.messages import Item
from workbench.designs.skeleton import MyDesign
from workbench.dynamodb.targets import open_targets
from workbench.messaging.access_patterns import ESSENTIAL

PROGRAMS = 8  # random ones for a judge: seconds
SMALL_BYTES = 300  # of a group item
PRICE_RATIO = 5  # of a WRU to an RRU, on demand: data/prices.csv
PAGE_RRU, WHOLE_INBOX_RRU = 1.0, 3.5  # as the lesson measures, 100 conversations


def _tried(design: type[Design], patterns: str, because: str) -> Finding:
    """Whether a design survives some programs; if not, the smallest that breaks it."""
    with open_targets(may_start=False) as [target]:
        failure = smallest_failure(design, target, patterns=patterns, programs=PROGRAMS)
    if failure is None:
        return right(because)
    text = f"Its smallest program:\n\n{failure_text(failure)}"  # a fence begins a line
    return Finding(f"breaks {failure.broken.pattern}", text)


# --- The condition of the stream update ------------------------------------------------------


def mends(answer: Any) -> Finding:
    """Judge a condition expression by giving it to a design's stream update."""
    if not isinstance(answer, str) or not answer.strip():
        return Finding("no condition", "a condition expression in quotes is asked for")

    class Mended(MyDesign):
        name = "mended"

        def _show_last_message(self, key: Item, message: Mapping[str, Any]) -> bool:
            return self._update_if(
                Key=key,
                UpdateExpression="SET message = :text, last_reply_at = :created_at",
                ConditionExpression=answer,
                ExpressionAttributeValues={
                    ":text": message["message"],
                    ":created_at": message["sk"],
                },
            )

    return _tried(
        Mended, ESSENTIAL, "DynamoDB compares as it writes, so no older message gets in between."
    )


# --- What a user has read --------------------------------------------------------------------

OWNERS, TALKS = ("ada-uuid", "bo-uuid"), ("talk-1", "talk-2")


def chooses_key(answer: Any) -> Finding:
    """Judge the key of what one user has read of one conversation, by trying it."""
    if not callable(answer):
        return Finding("no function", "the name of your function is asked for, without brackets")
    try:
        keys = {(who, talk): _plain(answer(who, talk)) for who in OWNERS for talk in TALKS}
        again = {pair: _plain(answer(*pair)) for pair in keys}
    except Exception as error:
        what = "it has to return a dictionary with the texts pk and sk"
        return Finding("no key", f"{type(error).__name__}: {error}; {what}.")
    (ada, bo), (one, two) = OWNERS, TALKS
    if keys != again:
        return Finding("cannot be found again", "asked twice for one mark, it gave two keys.")
    if keys[ada, one] == keys[bo, one]:
        return Finding("shared by both", "Ada's mark and Bo's are one item: who read it?")
    if keys[ada, one] == keys[ada, two]:
        return Finding("one for all", "reading one conversation marks Ada's others as read, too.")
    if any(pk.startswith("MSG#") for pk, _ in keys.values()):
        text = "that is where messages lie: listing them would find marks among them."
        return Finding("among the messages", text)
    if keys[ada, one][0] != keys[ada, two][0]:
        text = "Ada's marks have several partition keys, so her inbox takes a request for each."
        return Finding("not read together", text)
    if keys[ada, one][0] == keys[bo, one][0]:
        text = "all users' marks have one partition key: it grows hot, and IAM can guard nobody's."
        return Finding("one partition for everybody", text)
    return right(
        "A mark belongs to one user and one conversation, under a partition key of that user. "
        "If it is the key of the group item, the mark costs no read of its own."
    )


def _plain(key: Mapping[str, str]) -> tuple[str, str]:
    pk, sk = key["pk"], key["sk"]
    if not (isinstance(pk, str) and isinstance(sk, str)):
        raise TypeError(f"pk and sk must be texts, not {pk!r} and {sk!r}")
    return pk, sk


def counts_unread(answer: Any) -> Finding:
    """Judge pattern F, written as two functions, by programs in which messages are read."""
    if not (isinstance(answer, tuple | list) and len(answer) == 2 and all(map(callable, answer))):
        return Finding("not two functions", "answer = (count_unread, mark_read) is asked for")
    count_unread, mark_read = answer
    methods: dict[str, Callable[..., Any] | Any] = {
        "name": "unread",
        "count_unread": count_unread,
        "mark_read": mark_read,
        "unsupported": {each: why for each, why in MyDesign.unsupported.items() if each != "F"},
    }
    design: type[Design] = type("Unread", (MyDesign,), methods)
    return _tried(
        design,
        ESSENTIAL + "F",
        "The mark lies in the viewer's own group item, is only ever raised, and counting reads no "
        "message from before it.",
    )


# --- All -------------------------------------------------------------------------------------


def _extra_wru() -> float:
    """What an index sorted by time adds to one message: two entries, each deleted and put."""
    return 2 * 2 * write_units(SMALL_BYTES, SMALL_BYTES)


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        "08.mend",
        mends,
        (
            "The update is to happen only if the group item shows an older message.",
            "The time that the group item shows is the attribute `last_reply_at`; the message's is "
            "the value `:created_at`.",
            "Times are texts of one form, so `<` compares them.",
        ),
    ),
    Exercise(
        "08.pays",
        number(
            lambda: _extra_wru() * PRICE_RATIO / (WHOLE_INBOX_RRU - PAGE_RRU),
            "4 WRU more cost as much as 20 RRU, and each reading saves 2.5.",
            lambda: [
                Mistake(
                    _extra_wru() / (WHOLE_INBOX_RRU - PAGE_RRU),
                    "forgot the prices",
                    "a WRU costs five times what an RRU does.",
                ),
                Mistake(
                    7 * PRICE_RATIO / (WHOLE_INBOX_RRU - PAGE_RRU),
                    "took all of a message",
                    "3 of the 7 WRU are written without an index, too.",
                ),
                Mistake(
                    _extra_wru() * PRICE_RATIO / WHOLE_INBOX_RRU,
                    "forgot the page",
                    "with the index a reading is not free: it takes 1 RRU.",
                ),
                Mistake(
                    (WHOLE_INBOX_RRU - PAGE_RRU) / (_extra_wru() * PRICE_RATIO),
                    "upside down",
                    "that is messages per reading.",
                ),
            ],
            unit="readings",
        ),
        (
            "How many WRU more is a message with the index, and how many RRU less a reading?",
            "Put both into one currency: a WRU costs as much as five RRU.",
        ),
    ),
    Exercise(
        "08.random_uuid",
        word(
            "b870fc96ce4c52f6",
            "'If the two have one, it is a message in it': with a random UUID nobody notices that "
            "there is one, and a second first message makes a second conversation.",
            [
                (
                    "953c289a18416981",
                    "all can be read",
                    "each of the two conversations lists its own.",
                ),
                (
                    "10c771cbe5924043",
                    "the inbox is right",
                    "it shows all there are, which is the trouble.",
                ),
                (
                    "88ecd8bb7aa6900d",
                    "sending goes on",
                    "whoever has a conversation can send in it.",
                ),
                (
                    "a77c312d0108cc42",
                    "updates go on",
                    "a message says which group items it is for.",
                ),
            ],
        ),
        (
            "What was the UUID of two people good for, besides being a name?",
            "Ada writes to Bo for the first time; at the same moment Bo writes to Ada.",
        ),
    ),
    Exercise(
        "08.mark_key",
        chooses_key,
        (
            "How many marks are there? One for each user, in each conversation.",
            "What does one Query read? Items of one partition key: whose marks are read together?",
            "`INBOX#` with the owner's UUID is a partition key of one user.",
        ),
    ),
    Exercise(
        "08.unread",
        counts_unread,
        (
            "`group_key(viewer's uuid, group uuid)` is the viewer's own group item: keep the mark "
            "there.",
            "`self._raise_mark(key, 'read_at', read_at)` sets it unless a later one is there; it "
            "is False where there is no such item. Whoever takes no part is refused with "
            "NotAParticipant.",
            "`self._membership(viewer, group_uuid)` is that item; without a mark yet, `EVER` is "
            "before any time.",
            "`self._count_messages_of_others(group_uuid, viewer, mark)` reads what is later.",
        ),
    ),
)
