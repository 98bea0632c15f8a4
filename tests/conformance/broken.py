"""Designs of ours, each with one thing wrong: what the state machine has to find.

The first line of each says what is wrong. They are ordered by the pattern whose promise they break.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from workbench.designs import Dual, DualFixed, DualSorted, Multikey, Pointer, Single
from workbench.designs.messages import Item, message_partition, to_message
from workbench.designs.multikey import group_key
from workbench.messaging.entities import (
    MAX_TEXT_CHARACTERS,
    Conversation,
    InboxPage,
    Message,
    MessagePage,
    User,
    check_two_users,
)
from workbench.messaging.times import format_time

# --- A: messages -----------------------------------------------------------------------------


class OpenToAll(Single):
    """A: whoever knows the UUID reads."""

    def list_messages(
        self, reader: User, group_uuid: str, *, limit: int = 20, cursor: str | None = None
    ) -> MessagePage:
        partition = message_partition(group_uuid)
        items, following = self._query_newest_first("messages", partition, limit, cursor)
        seen = Conversation(group_uuid, reader, reader)
        return MessagePage(seen, tuple(map(to_message, items)), following)


class OpenToWhoLeft(Pointer):
    """A: whoever is named in the group item reads, and names stay when somebody leaves."""

    def list_messages(
        self, reader: User, group_uuid: str, *, limit: int = 20, cursor: str | None = None
    ) -> MessagePage:
        for _, group in self._groups([group_uuid]):
            if reader.uuid in group["names"]["M"]:
                partition = message_partition(group_uuid)
                items, following = self._query_newest_first("messages", partition, limit, cursor)
                seen = Conversation(group_uuid, reader, reader)
                return MessagePage(seen, tuple(map(to_message, items)), following)
        return super().list_messages(reader, group_uuid, limit=limit, cursor=cursor)


# --- B: inboxes ------------------------------------------------------------------------------


class SkipsOne(DualFixed):
    """B: the cursor is behind the entry that comes next."""

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        page = super().list_conversations(reader, limit=limit + 1, cursor=cursor)
        return InboxPage(page.entries[:limit], page.cursor)


# --- C: messages sent ------------------------------------------------------------------------


class LetsAllWrite(Pointer):
    """C: nobody asks whether the sender takes part."""

    def _membership(self, user: User, group_uuid: str, *, is_writing: bool = False) -> Item:
        return {} if is_writing else super()._membership(user, group_uuid)


class CutsLongTexts(DualSorted):
    """C: a text of 1,025 characters loses its last one, instead of being refused."""

    def send_message(self, conversation: Conversation, text: str, sent_at: datetime) -> Message:
        return super().send_message(conversation, text[:MAX_TEXT_CHARACTERS], sent_at)


class OverwritesTheInstant(Single):
    """C: the second message of an instant replaces the first."""

    def send_message(self, conversation: Conversation, text: str, sent_at: datetime) -> Message:
        key = {
            "pk": {"S": message_partition(conversation.group_uuid)},
            "sk": {"S": format_time(sent_at)},
        }
        self._membership(conversation.viewer, conversation.group_uuid)
        self._client.delete_item(TableName=self._table_name, Key=key)
        return super().send_message(conversation, text, sent_at)


# --- D: first messages -----------------------------------------------------------------------


class BeginsAnew(DualFixed):
    """D: a second first message makes a second conversation, for its UUID is random."""

    def start_conversation(
        self, sender: User, recipient: User, text: str, sent_at: datetime
    ) -> Conversation:
        check_two_users(sender, recipient)
        return self._begin(str(self._new_uuid()), sender, [recipient], text, sent_at)


class TakesNaiveTimes(Multikey):
    """D: a time without UTC offset is taken for UTC."""

    def start_conversation(
        self, sender: User, recipient: User, text: str, sent_at: datetime
    ) -> Conversation:
        aware = sent_at.replace(tzinfo=sent_at.tzinfo or UTC)
        return super().start_conversation(sender, recipient, text, aware)


class PutsOneByOne(DualSorted):
    """D: the items are put one after the other, so a crash leaves some of them."""

    def _put_all(self, items: Sequence[Item]) -> bool:
        for item in items:
            try:
                self._client.put_item(
                    TableName=self._table_name,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True


# --- E: stream updates -----------------------------------------------------------------------


class ShowsWhatComes(DualSorted):
    """E: an older message that is handled late overwrites a newer one."""

    def _show_last_message(self, key: Item, message: Mapping[str, Any]) -> bool:
        self._client.update_item(
            TableName=self._table_name,
            Key=key,
            UpdateExpression="SET message = :text, last_reply_at = :created_at",
            ExpressionAttributeValues={":text": message["message"], ":created_at": message["sk"]},
        )
        return True


class ShowsTheFirstOfABatch(Single):
    """E: of a batch only its first message is handled."""

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        super().update_conversation(messages[:1])


class DeletesWhatChanged(Dual):
    """E: the old group item is deleted, whatever was written to it since it was copied."""

    def _delete_group_item(self, item: Item) -> None:
        key = {"pk": item["pk"], "sk": item["sk"]}
        self._client.delete_item(TableName=self._table_name, Key=key)


# --- F: unread messages ----------------------------------------------------------------------


class CountsOwnMessages(Single):
    """F: the reader's own messages count as unread."""

    def _count_messages_of_others(self, group_uuid: str, reader: User, read_at: str) -> int:
        nobody = User("nobody", "nobody", "Nobody")
        return super()._count_messages_of_others(group_uuid, nobody, read_at)


class MarksBackwards(Multikey):
    """F: an earlier mark overwrites a later one."""

    def mark_read(self, conversation: Conversation, read_at: datetime) -> None:
        self._membership(conversation.viewer, conversation.group_uuid, is_writing=True)
        self._client.update_item(
            TableName=self._table_name,
            Key=group_key(conversation.group_uuid, conversation.viewer.uuid),
            UpdateExpression="SET read_at = :at",
            ExpressionAttributeValues={":at": {"S": format_time(read_at)}},
        )


# --- G: hidden conversations -----------------------------------------------------------------


class HidesForBoth(Pointer):
    """G: what one hides, the other no longer sees."""

    def hide_conversation(self, conversation: Conversation, hidden_at: datetime) -> None:
        super().hide_conversation(conversation, hidden_at)
        super().hide_conversation(conversation.seen_by_other(), hidden_at)


class HidesForEver(DualFixed):
    """G: no later message brings a hidden conversation back."""

    def hide_conversation(self, conversation: Conversation, hidden_at: datetime) -> None:
        super().hide_conversation(conversation, hidden_at.replace(year=9999))


# --- H: renamed users ------------------------------------------------------------------------


class ForgetsOldMessages(Dual):
    """H: messages go on to show the names under which they were sent."""

    def _rename_in_messages(self, group_uuid: str, user: User) -> None:
        pass


class ForgetsInboxesOfOthers(Dual):
    """H: others go on to see the old names in their inboxes."""

    def _rename_in_groups(self, group_uuid: str, user: User) -> None:
        pass


# --- I: the conversation of two --------------------------------------------------------------


class FindsFromOneSide(Multikey):
    """I: a conversation is found by one of the two only."""

    def find_conversation(self, reader: User, other: User) -> Conversation | None:
        return super().find_conversation(reader, other) if reader.uuid < other.uuid else None


# --- J: groups -------------------------------------------------------------------------------


class AddsAgain(Multikey):
    """J: adding who takes part puts their group item anew, without their marks."""

    def add_participant(
        self, conversation: Conversation, newcomer: User, added_at: datetime
    ) -> None:
        key = group_key(conversation.group_uuid, newcomer.uuid)
        if newcomer != conversation.viewer:
            self._membership_of_group(conversation)
            self._client.delete_item(TableName=self._table_name, Key=key)
        super().add_participant(conversation, newcomer, added_at)


class LeavesTheEntry(DualFixed):
    """J: who leaves is no member any more, and keeps the group item."""

    def leave_group(self, conversation: Conversation) -> None:
        own = self._membership(conversation.viewer, conversation.group_uuid, is_writing=True)
        super().leave_group(conversation)
        self._client.put_item(TableName=self._table_name, Item=own)


class TellsTheFirstOnly(DualFixed):
    """J: a message of a group names one recipient, so only that inbox follows."""

    def _recipients(self, sender: User, membership: Item) -> Item:
        named = super()._recipients(sender, membership)
        return {"recipient_uuids": {"SS": named["recipient_uuids"]["SS"][:1]}} if named else {}
