"""Each fact in one place, in a relational database: the model that learners know already.

    table           primary key                     other columns
    users           uuid                            handle, display_name
    conversations   uuid
    participants    conversation_uuid, user_uuid    other_uuid, joined_at, read_at, hidden_at
    messages        uuid                            conversation_uuid, sender_uuid, text, created_at

Nothing is stored twice, so nothing has to follow: a rename is one row, and there is no stream
update. An inbox is worked out when it is read: the last message of every conversation of the reader
is looked up, joined with the names, and sorted, however short the page. SQLite runs in the process
of its one client, so nothing comes between a read and the write that relies on it.
"""

import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from workbench.designs.cursors import decode_cursor, encode_cursor
from workbench.designs.participants import Beginnings
from workbench.errors import InstantCrowded, InvalidCursor, NotAParticipant
from workbench.messaging.entities import (
    Conversation,
    InboxEntry,
    InboxPage,
    Message,
    MessagePage,
    User,
    check_is_group,
    checked_text,
    pair_uuid,
)
from workbench.messaging.times import format_time, parse_time, successive_instants

# --- Tables ----------------------------------------------------------------------------------

SCHEMA = """
CREATE TABLE users (uuid TEXT PRIMARY KEY, handle TEXT NOT NULL, display_name TEXT NOT NULL);
CREATE TABLE conversations (uuid TEXT PRIMARY KEY);
CREATE TABLE participants (
    conversation_uuid TEXT NOT NULL REFERENCES conversations,
    user_uuid         TEXT NOT NULL REFERENCES users,
    other_uuid        TEXT NOT NULL REFERENCES users,
    joined_at         TEXT NOT NULL,
    read_at           TEXT NOT NULL,  -- or '', which is before any time
    hidden_at         TEXT NOT NULL,  -- or ''
    PRIMARY KEY (conversation_uuid, user_uuid)
);
CREATE INDEX participants_by_user ON participants (user_uuid);
CREATE TABLE messages (
    uuid              TEXT PRIMARY KEY,
    conversation_uuid TEXT NOT NULL REFERENCES conversations,
    sender_uuid       TEXT NOT NULL REFERENCES users,
    text              TEXT NOT NULL,
    created_at        TEXT NOT NULL
);
CREATE UNIQUE INDEX messages_by_time ON messages (conversation_uuid, created_at);
"""
AFTER_ALL = "~"  # comes behind any time and any UUID


class Relational(Beginnings):
    """Four normalised tables in SQLite, joined when they are read."""

    name: ClassVar[str] = "relational"
    summary: ClassVar[str] = "four normalised tables in SQLite, the inbox joined when it is read"
    schema: ClassVar[str] = SCHEMA

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        self._connection = connection

    @classmethod
    def opened_in_memory(cls) -> "Relational":
        """The tables, empty, in a database that ends with the process."""
        connection = sqlite3.connect(":memory:")
        connection.executescript(cls.schema)
        return cls(connection)

    # --- Reads -------------------------------------------------------------------------------

    def list_messages(
        self, reader: User, group_uuid: str, *, limit: int = 20, cursor: str | None = None
    ) -> MessagePage:
        """A: see that the reader takes part, then read one range of the index by time."""
        conversation = self._membership(reader, group_uuid)
        rows = self._select(
            """
            SELECT messages.uuid, sender.uuid, handle, display_name, text, created_at
            FROM messages JOIN users AS sender ON sender.uuid = sender_uuid
            WHERE conversation_uuid = ? AND created_at < ?
            ORDER BY created_at DESC LIMIT ?
            """,
            (group_uuid, *_positions("messages", cursor, 1), limit + 1),
        )
        messages = tuple(
            Message(message_uuid, User(*sender), text, parse_time(created_at))
            for message_uuid, *sender, text, created_at in rows[:limit]
        )
        return MessagePage(conversation, messages, _next_cursor("messages", rows, limit, 1))

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: find the last message of each of the reader's conversations, join names, and sort."""
        rows = self._select(
            """
            SELECT other.uuid, handle, display_name, text, created_at, conversation_uuid
            FROM participants AS mine
            JOIN users AS other ON other.uuid = other_uuid
            JOIN messages USING (conversation_uuid)
            WHERE user_uuid = ? AND created_at > hidden_at
                AND (created_at, conversation_uuid) < (?, ?)
                AND created_at = (SELECT max(created_at) FROM messages
                                  WHERE conversation_uuid = mine.conversation_uuid)
            ORDER BY created_at DESC, conversation_uuid DESC LIMIT ?
            """,
            (reader.uuid, *_positions("inbox", cursor, 2), limit + 1),
        )
        entries = tuple(
            InboxEntry(Conversation(group_uuid, reader, User(*other)), text, parse_time(created_at))
            for *other, text, created_at, group_uuid in rows[:limit]
        )
        return InboxPage(entries, _next_cursor("inbox", rows, limit, 2))

    def count_unread(self, conversation: Conversation) -> int:
        """F: count what others wrote later than the viewer's mark."""
        self._membership(conversation.viewer, conversation.group_uuid)
        [[count]] = self._select(
            """
            SELECT count(*) FROM participants JOIN messages USING (conversation_uuid)
            WHERE conversation_uuid = ? AND user_uuid = ?
                AND created_at > read_at AND sender_uuid <> user_uuid
            """,
            (conversation.group_uuid, conversation.viewer.uuid),
        )
        return int(count)

    def find_conversation(self, reader: User, other: User) -> Conversation | None:
        """I: look up the reader among the participants of the two's conversation."""
        return self._find_seen_by(reader, pair_uuid(reader, other))

    def _membership(self, user: User, group_uuid: str) -> Conversation:
        """The conversation as the user sees it, who has to take part."""
        if (conversation := self._find_seen_by(user, group_uuid)) is None:
            raise NotAParticipant(user.uuid, group_uuid)
        return conversation

    def _find_seen_by(self, user: User, group_uuid: str) -> Conversation | None:
        rows = self._select(
            """
            SELECT other.uuid, handle, display_name
            FROM participants JOIN users AS other ON other.uuid = other_uuid
            WHERE conversation_uuid = ? AND user_uuid = ?
            """,
            (group_uuid, user.uuid),
        )
        return Conversation(group_uuid, user, User(*rows[0])) if rows else None

    def _select(self, statement: str, values: Sequence[object]) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    # --- Writes: what a `with` block holds is stored all or not at all -------------------------

    def send_message(self, conversation: Conversation, text: str, sent_at: datetime) -> Message:
        """C: see that the sender takes part, then insert the message."""
        checked_text(text)
        format_time(sent_at)  # refuses a naive time before anything is asked
        self._membership(conversation.viewer, conversation.group_uuid)
        with self._connection:
            return self._insert_message(conversation, text, sent_at)

    def _insert_message(self, conversation: Conversation, text: str, at: datetime) -> Message:
        """Insert a message; where its instant is taken, it moves on by a microsecond."""
        group_uuid, sender = conversation.group_uuid, conversation.viewer
        message_uuid = str(uuid.uuid4())
        for created_at in successive_instants(at):
            inserted = self._connection.execute(
                """
                INSERT INTO messages VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (conversation_uuid, created_at) DO NOTHING
                """,
                (message_uuid, group_uuid, sender.uuid, text, format_time(created_at)),
            )
            if inserted.rowcount:
                return Message(message_uuid, sender, text, created_at)
        raise InstantCrowded(group_uuid)

    def _put_first(self, seen: Sequence[Conversation], message: Message) -> bool:
        """Insert the conversation, its participants and the message, unless it is there."""
        joined_at = format_time(message.created_at)
        with self._connection:
            insert = "INSERT INTO conversations VALUES (?) ON CONFLICT DO NOTHING"
            inserted = self._connection.execute(insert, (seen[0].group_uuid,))
            if inserted.rowcount:
                for each in seen:
                    self._upsert(each.viewer)
                for each in seen:
                    self._insert_participant(each, joined_at)
                self._insert_message(seen[0], message.text, message.created_at)
        return bool(inserted.rowcount)

    def _upsert(self, user: User) -> None:
        """Insert the user, or take over the names of one who is there."""
        self._connection.execute(
            """
            INSERT INTO users VALUES (?, ?, ?)
            ON CONFLICT (uuid) DO UPDATE
            SET (handle, display_name) = (excluded.handle, excluded.display_name)
            """,
            (user.uuid, user.handle, user.display_name),
        )

    def _insert_participant(self, seen: Conversation, joined_at: str, read_at: str = "") -> None:
        """Insert the viewer of a conversation, with the other who is shown there."""
        row = (seen.group_uuid, seen.viewer.uuid, seen.other.uuid, joined_at, read_at, "")
        self._connection.execute("INSERT INTO participants VALUES (?, ?, ?, ?, ?, ?)", row)

    def mark_read(self, conversation: Conversation, read_at: datetime) -> None:
        """F: raise the viewer's mark."""
        change = "UPDATE participants SET read_at = max(read_at, ?)"
        self._change_own_row(change, conversation, format_time(read_at))

    def hide_conversation(self, conversation: Conversation, hidden_at: datetime) -> None:
        """G: raise the viewer's mark; B leaves out what has no later message."""
        change = "UPDATE participants SET hidden_at = max(hidden_at, ?)"
        self._change_own_row(change, conversation, format_time(hidden_at))

    def rename_user(self, user: User) -> None:
        """H: update one row, as names are nowhere else."""
        change = "UPDATE users SET handle = ?, display_name = ? WHERE uuid = ?"
        with self._connection:
            self._connection.execute(change, (user.handle, user.display_name, user.uuid))

    def add_participant(
        self, conversation: Conversation, newcomer: User, added_at: datetime
    ) -> None:
        """J: insert the newcomer, whose inbox shows the last message of the group at once."""
        at = format_time(added_at)
        check_is_group(self._membership(conversation.viewer, conversation.group_uuid))
        as_newcomer = Conversation(conversation.group_uuid, newcomer, conversation.viewer)
        if self._find_seen_by(newcomer, conversation.group_uuid) is None:
            with self._connection:
                self._upsert(newcomer)
                self._insert_participant(as_newcomer, at, read_at=at)

    def leave_group(self, conversation: Conversation) -> None:
        """J: delete the viewer's row among the participants."""
        check_is_group(self._membership(conversation.viewer, conversation.group_uuid))
        self._change_own_row("DELETE FROM participants", conversation)

    def _change_own_row(self, change: str, conversation: Conversation, *values: str) -> None:
        """Change the viewer's row among the participants, which has to be there."""
        viewer, group_uuid = conversation.viewer, conversation.group_uuid
        change += " WHERE conversation_uuid = ? AND user_uuid = ?"
        with self._connection:
            changed = self._connection.execute(change, (*values, group_uuid, viewer.uuid))
        if not changed.rowcount:
            raise NotAParticipant(viewer.uuid, group_uuid)

    # --- Stream update -----------------------------------------------------------------------

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: nothing, as there is nothing to bring up to date: B reads the messages themselves."""


# --- Cursors ---------------------------------------------------------------------------------


def _next_cursor(list_name: str, rows: Sequence[Any], limit: int, columns: int) -> str | None:
    """The last columns of the last row shown, if there is a row more than the limit."""
    return encode_cursor(list_name, rows[limit - 1][-columns:]) if len(rows) > limit else None


def _positions(list_name: str, cursor: str | None, count: int) -> list[str]:
    """Where the last page ended; or, without a cursor, before all that there is to show."""
    if cursor is None:
        return [AFTER_ALL] * count
    positions = decode_cursor(list_name, cursor, count)
    try:
        parse_time(positions[0])
    except ValueError as error:
        raise InvalidCursor(f"{cursor[:40]!r} holds a position that no page gave") from error
    return positions
