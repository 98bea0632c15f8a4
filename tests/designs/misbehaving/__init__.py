"""Designs that misbehave, each in its own way: the skeleton with some of it put otherwise."""

from collections.abc import Mapping
from pathlib import Path

from workbench.designs import skeleton

SKELETON = Path(skeleton.__file__).read_text()
START = "        check_two_users(sender, recipient)\n"
UPDATE = "        newest = oldest_first(messages)[-1]\n"
LIST = '        pages = self._client.get_paginator("query")'
NAME = '    name: ClassVar[str] = "my_design"'
UNSUPPORTED_F = '        "F": "not written yet: count_unread and mark_read",\n'
READS = "    # --- Reads ----"
INIT = """
    def __init__(self, client: Any, table_name: str) -> None:
        super().__init__(client, table_name)
        {}

"""


def first(place: str, line: str) -> tuple[str, str]:
    """Do this first at a place."""
    return place, f"        {line}\n{place}"


def made(line: str) -> tuple[str, str]:
    """Do this when the design is made."""
    return READS, INIT.format(line) + READS


CREATE = 'self._client.create_table(TableName="left-behind", **self.table_definition)'
MISBEHAVING: Mapping[str, tuple[str, str]] = {
    "half_written": first(START, "raise NotImplementedError"),
    "slow": first(START, "while True: pass"),
    "deaf": first(START, "while True:\n            try: __import__('time').sleep(30)\n"
                         "            except Exception: pass"),
    "sluggish": first(LIST, "__import__('time').sleep(1.5)"),
    "slow_update": first(UPDATE, "__import__('time').sleep(60)"),
    "raising": first(LIST, "{}['inbox']"),
    "exiting": first(START, "raise SystemExit(3)"),
    "exiting_update": first(UPDATE, "raise SystemExit(3)"),
    "raising_update": first(UPDATE, "{}['inbox']"),
    "raising_when_made": made("{}['inbox']"),
    "exiting_when_made": made("raise SystemExit(3)"),
    "slow_when_made": made("while True: pass"),
    "table_when_made": made(CREATE),
    "table_in_a_call": first(START, CREATE),
    "table_in_update": first(UPDATE, CREATE),
    "no_page": first(LIST, "return None"),
    "useless_message": (
        READS,
        "    def send_message(self, *given: Any) -> Any:\n"
        "        super().send_message(*given)\n        return 5\n\n" + READS,
    ),
    "miscounting": (UNSUPPORTED_F, ""),
    "undefined": (UNSUPPORTED_F, ""),
    "unsettled": first(UPDATE, "pk = {'S': f'MSG#{self._new_uuid()}'}\n"
                               "        self._client.put_item(TableName=self._table_name,\n"
                               "            Item={**messages[0], 'pk': pk, 'is_echo': pk})\n"
                               "        if 'is_echo' in messages[0]:\n            return"),
    "endless": first(LIST, "return InboxPage((), encode_cursor('inbox', ('2026-01-01', 'x')))"),
    "overfull_table": ("= define_table()", "= define_table('colour')"),
    "unknown_option": ("= define_table()", "= {**define_table(), 'Colour': 'red'}"),
}  # fmt: skip
MISCOUNTING = (
    "    def count_unread(self, conversation: Conversation) -> int:\n        return 0\n\n"
    "    def mark_read(self, conversation: Conversation, read_at: datetime) -> None:\n"
    "        pass\n\n"
)


def source_of(name: str) -> str:
    """The file of a design that misbehaves in this way; its name is `name`."""
    place, otherwise = MISBEHAVING[name]
    assert SKELETON.count(place) == 1, place
    text = SKELETON.replace(place, otherwise)
    if name == "miscounting":
        text = text.replace(READS, MISCOUNTING + READS)
    return text.replace("my_design", name)
