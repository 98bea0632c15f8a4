"""Everything that can go wrong, as one tree.

WorkbenchError
├── SetUpFault: the machine lacks something; the message says how to get it
│      InstallFailed, ServerNotStarted
├── TargetFault: requests cannot go where they were meant to go
│      EndpointRefused, NoSharedServer, StreamEnded, TargetUnreachable, ServerAlreadyRunning
├── InputFault: what the user gave cannot be used
│      BadLog, BadParameter, BadRecords, CheckpointNotReadable, DesignNotLoaded, ItemTooLarge,
│      NegativeSize, OutputNotWritable, PatternRefused, PolicyNotUnderstood, PriceMissing,
│      TableNotEmpty, TableNotFound, TableOfAnotherDesign, UnknownDesign, UnknownParameter,
│      UnknownRegion
├── MessagingFault: the application refuses; all but NotSupported whatever the design
│      ConversationNotFound, GroupSizeRefused, IndexBehind, InstantCrowded, InvalidCursor,
│      MessagingOneself, NotAGroup, NotAParticipant, NotSupported, NotTheCaller, TextRefused
└── ResultFault: a run finished, and its result must not be used
       DesignExited, DesignNotUsable, FaultNotShown, InboxesDisagree, NoPermissionRule, NotMetered,
       NotebookFailed, PromiseBroken, RecordsDiscarded, RunNotReadable, RunsDiffer, SenderFailed,
       TooSlow, TraceNotRepeatable, UnexplainedDifference
"""

from collections.abc import Sequence


class WorkbenchError(Exception):
    """Root of all errors that the workbench raises on purpose."""


class SetUpFault(WorkbenchError):
    """The machine lacks something that the workbench needs."""


class InstallFailed(SetUpFault):
    """A part could not be fetched, or is not the version that was asked for."""


class ServerNotStarted(SetUpFault):
    """DynamoDB Local did not become ready."""


class TargetFault(WorkbenchError):
    """Requests cannot go where they were meant to go."""


class EndpointRefused(TargetFault):
    """An endpoint is not on loopback and AWS was not asked for by name."""


class NoSharedServer(TargetFault):
    """A command needs a server that other commands reach too, and none is up."""


class StreamEnded(TargetFault):
    """The stream that is followed has ended, and all of it is handled."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            f"the stream of {table!r} has ended: its table was deleted, or the stream switched "
            "off. Run the command again to follow a new one."
        )


class TargetUnreachable(TargetFault):
    """The target did not answer, or stopped answering in the middle of a run."""


class ServerAlreadyRunning(TargetFault):
    """A shared server is up already."""


class InputFault(WorkbenchError):
    """What the user gave cannot be used."""


class BadLog(InputFault):
    """A message log has lines that cannot be read; nothing of it was loaded."""

    def __init__(self, path: str, problems: Sequence[tuple[int, str]], shown: int = 10) -> None:
        self.path, self.problems = path, tuple(problems)
        lines = [f"  line {number}: {problem}" for number, problem in self.problems[:shown]]
        if len(self.problems) > shown:
            lines.append(f"  ... and {len(self.problems) - shown} more")
        bad = f"{len(self.problems)} bad {'line' if len(self.problems) == 1 else 'lines'}"
        super().__init__(f"{path}: {bad}, nothing was loaded. Mend or remove:\n" + "\n".join(lines))


class BadParameter(InputFault):
    """A parameter has a value that it must not have."""

    def __init__(self, field: str, got: object, allowed: str) -> None:
        self.field, self.got, self.allowed = field, got, allowed
        super().__init__(f"{field} must be {allowed} (got {got!r})")


class BadRecords(InputFault):
    """A file of stream records has a line that is none; nothing of it was handed over."""

    def __init__(self, path: str, line: int, why: str) -> None:
        self.path, self.line = path, line
        super().__init__(
            f"{path}, line {line}: {why}. `workbench stream show --json` writes such a file."
        )


class CheckpointNotReadable(InputFault):
    """A file is there where a checkpoint is to be kept, and is none."""


class DesignNotLoaded(InputFault):
    """A file of the user's gives no design: it cannot be run, or what it defines is none."""

    def __init__(self, path: str, why: Sequence[str]) -> None:
        self.path, self.why = path, tuple(why)
        told = why[0] if len(why) == 1 else f"{len(why)} problems.\n  - " + "\n  - ".join(why)
        super().__init__(
            f"no design can be loaded from {path}: {told}\n"
            "`workbench new FILE` writes a design that works, to compare with or to begin from."
        )


class ItemTooLarge(InputFault):
    """A size is over 400 KB, the limit of an item."""


class NegativeSize(InputFault):
    """A size is below zero."""


class OutputNotWritable(InputFault):
    """A result could not be written where the user wants it."""


class PatternRefused(InputFault):
    """A filter pattern uses what is not supported here, or is none."""


class PolicyNotUnderstood(InputFault):
    """An IAM policy has a part that the evaluator does not know, so it would answer wrongly."""

    def __init__(self, part: str, got: object, known: Sequence[str]) -> None:
        self.part, self.got, self.known = part, got, tuple(known)
        super().__init__(
            f"the policy's {part} {got!r} is not understood here. Known: {', '.join(known)}."
        )


class PriceMissing(InputFault):
    """The price list knows the region, and has no such price for it."""

    def __init__(self, region: str, unit: str, having: Sequence[str]) -> None:
        self.region, self.unit, self.having = region, unit, tuple(having)
        known = ", ".join(having) or "no region"
        super().__init__(
            f"the price list has no {unit} for {region}; it has one for {known}. "
            "Choose such a region, or add a row with its source to data/prices.csv."
        )


class TableNotEmpty(InputFault):
    """A table has items already, and is needed without."""


class TableNotFound(InputFault):
    """A table was named that is not there, or has no stream to follow."""

    def __init__(self, name: str, why: str, known: Sequence[str]) -> None:
        self.name = name
        tables = ", ".join(known) or "none"
        super().__init__(
            f"no table {name!r} to follow: {why}. Tables here: {tables}. `workbench stream send` "
            "makes one, if it is a target that both commands reach (`workbench up`)."
        )


class TableOfAnotherDesign(InputFault):
    """A table has other keys, indexes or another stream than the design that is to use it."""

    def __init__(self, name: str, differing: Sequence[str]) -> None:
        self.name, self.differing = name, tuple(differing)
        super().__init__(
            f"table {name!r} was made for another design: its {', '.join(differing)} differ. Name "
            "a new table with --table, or the design it was made for with --design."
        )


class UnknownDesign(InputFault):
    """A design was asked for that is not registered."""


class UnknownParameter(InputFault):
    """A notebook was given a parameter that its parameters cell does not declare."""


class UnknownRegion(InputFault):
    """A region was asked for that the price list does not have."""

    def __init__(self, region: str, known: Sequence[str]) -> None:
        self.region, self.known = region, tuple(known)
        super().__init__(
            f"the price list has no region {region!r}. The regions are: {', '.join(known)}."
        )


class MessagingFault(WorkbenchError):
    """The application refuses a request; of these, only NotSupported depends on the design."""


class ConversationNotFound(MessagingFault):
    """A message is on the stream whose conversation is not to be found, perhaps not yet."""

    def __init__(self, group_uuid: str) -> None:
        self.group_uuid = group_uuid
        super().__init__(f"{group_uuid} has no group item to update: handle the record again")


class GroupSizeRefused(MessagingFault):
    """A group would have too few participants, or too many."""

    def __init__(self, participants: int, most: int) -> None:
        self.participants, self.most = participants, most
        super().__init__(f"a group has 3 to {most} different participants (got {participants})")


class IndexBehind(MessagingFault):
    """An index, which follows its table a moment later, told of an item that is so no more."""

    def __init__(self, group_uuid: str) -> None:
        self.group_uuid = group_uuid
        super().__init__(f"the index has not caught up with conversation {group_uuid}: try again")


class InstantCrowded(MessagingFault):
    """A thousand items wanted the same instant as their key."""

    def __init__(self, partition: str) -> None:
        self.partition = partition
        super().__init__(f"{partition} has no free key near this instant: spread the log's times")


class InvalidCursor(MessagingFault):
    """A cursor was not made by this list."""


class MessagingOneself(MessagingFault):
    """A conversation needs two different users."""


class NotAGroup(MessagingFault):
    """A conversation of two was to get a third participant, or to lose one."""

    def __init__(self, group_uuid: str) -> None:
        self.group_uuid = group_uuid
        super().__init__(f"{group_uuid} is a conversation of two: start a group instead")


class NotAParticipant(MessagingFault):
    """A user asked for a conversation that does not exist, or not for this user.

    The two are one error on purpose: a stranger must not learn which UUIDs exist.
    """

    def __init__(self, user_uuid: str, group_uuid: str) -> None:
        self.user_uuid, self.group_uuid = user_uuid, group_uuid
        super().__init__(
            f"user {user_uuid} takes no part in conversation {group_uuid}. "
            "Open one from the user's inbox, or start a conversation."
        )


class NotSupported(MessagingFault):
    """A design's items have no place for what was asked."""

    def __init__(self, design: str, what: str, reason: str) -> None:
        self.design, self.what, self.reason = design, what, reason
        super().__init__(f"the design {design!r} does not support {what}: {reason}.")


class NotTheCaller(MessagingFault):
    """A request names somebody else, or other names, than the session that it came in."""


class TextRefused(MessagingFault):
    """A message text is empty or too long."""


class ResultFault(WorkbenchError):
    """A run finished, and its result must not be used."""


class DesignExited(ResultFault):
    """A design's call raised what would end the process, as sys.exit does."""


class DesignNotUsable(ResultFault):
    """A design has no table, because its definition is refused, or could not be made."""

    def __init__(self, design: str, what: str) -> None:
        self.design, self.what = design, what
        super().__init__(f"the design {design!r} cannot be put to work: {what}")


class FaultNotShown(ResultFault):
    """No program that was tried shows a fault that is known to be there."""

    def __init__(self, number: int, tries: int) -> None:
        self.number, self.tries = number, tries
        super().__init__(
            f"none of {tries:,} programs shows fault {number} of the bootcamp: try another --seed"
        )


class InboxesDisagree(ResultFault):
    """After the replay, a design's inboxes are not what the message log says."""


class NoPermissionRule(ResultFault):
    """A request was sent of which it is not known which rights it needs."""

    def __init__(self, request: str, known: Sequence[str]) -> None:
        self.request, self.known = request, tuple(known)
        super().__init__(
            f"no rule says which rights {request} needs. There are rules for {', '.join(known)}."
        )


class NotMetered(ResultFault):
    """A request was sent whose units the workbench cannot work out."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        super().__init__(f"the meter has no rule for {operation}: use GetItem, PutItem or Query")


class NotebookFailed(ResultFault):
    """A cell of an executed notebook raised."""


class PromiseBroken(ResultFault):
    """A design did not do what an access pattern promises."""

    def __init__(self, pattern: str, what: str) -> None:
        self.pattern, self.what = pattern, what
        super().__init__(f"{pattern}: {what}")


class RecordsDiscarded(ResultFault):
    """Stream records were given up, and there is no failure destination to tell."""

    def __init__(self, count: int, condition: str) -> None:
        self.count, self.condition = count, condition
        super().__init__(
            f"{count} stream records were given up ({condition}): the inboxes lack their messages. "
            "Allow more attempts, or give a failure destination."
        )


class RunNotReadable(ResultFault):
    """A stored run has another format version, or is not a run."""


class RunsDiffer(ResultFault):
    """Runs were to be pooled that are not of the same thing on the same machine."""


class SenderFailed(ResultFault):
    """The process that sends messages while the lag is measured ended with an error."""


class TooSlow(ResultFault):
    """A design's call, or all calls of a session, did not return in time."""

    def __init__(self, seconds: float, calls: str = "a call") -> None:
        self.seconds = seconds
        super().__init__(f"{calls} took more than {seconds:g} seconds")


class TraceNotRepeatable(ResultFault):
    """A design made other requests for long texts than for short ones, so no growth can be told."""

    def __init__(self, design: str, pattern: str, place: object) -> None:
        self.design, self.pattern, self.place = design, pattern, place
        super().__init__(
            f"{design}, pattern {pattern} at {place}: the requests for long texts are not those "
            "for short ones. A design must make the same requests each time it is traced."
        )


class UnexplainedDifference(ResultFault):
    """Units by rule and as reported differ, and no known divergence foretells how."""

    def __init__(self, operation: str, estimated: object, reported: object) -> None:
        self.operation, self.estimated, self.reported = operation, estimated, reported
        super().__init__(
            f"{operation}: by rule {estimated}, reported {reported}, and no known divergence of "
            "DynamoDB Local explains it. Find the cause and add it to dynamodb/divergences.py."
        )
