# %% [markdown]
# # Why not one message group?
#
# Lesson 02 ended with two group items for each conversation, one from each side, and 9 WRU for a message. A learner objects: that is the same
# thing twice. *Store one item, find it by its UUID, and show the name by who is logged in.*
#
# It is a good idea, so we build it, in the order in which one would: list the inbox first, then open a conversation, then find out what an
# inbox needs. In the end both models take the same message, side by side.

# %% tags=["parameters"]
endpoint = ""  # a DynamoDB API on this machine; empty: the one that `make lab` or `workbench up` started
conversations = 60
mine = 6  # of them are ada's
text = "How are you?"

# %%
from botocore.exceptions import ClientError
from IPython.display import display

from workbench.cards.scenario import ADA, BO, CY, DI
from workbench.course import Stage, calibration_frame, check, hint, predict, reveal
from workbench.course.pictures import changes_frame, charges_frame, items_figure, items_frame
from workbench.course.pictures import requests_figure, requests_frame
from workbench.designs.dual import GROUP_INDEX, Dual
from workbench.designs.messages import define_table, user_attributes
from workbench.designs.single import Single, group_key
from workbench.errors import NotSupported
from workbench.messaging.entities import pair_uuid
from workbench.messaging.logs import user_named
from workbench.messaging.times import format_time

# %% [markdown]
# ## One item, both names
#
# The objection as an item: its key is the UUID of the conversation, and it holds *both* participants. Attributes need names, so they are user
# `a` and user `b`; who begins the conversation is `a`. It is the only item under its partition key, so its sort key is a fixed word, `GROUP`.

# %%
def one_group(a, b, last_text, at):
    return {
        **group_key(pair_uuid(a, b)),
        "message_group_uuid": {"S": pair_uuid(a, b)},
        "message": {"S": last_text},
        "last_reply_at": {"S": format_time(at)},
        **user_attributes(a, "user_a"),
        **user_attributes(b, "user_b"),
    }

stage = Stage(define_table(), endpoint=endpoint or None)
stage.labels.name_conversation(pair_uuid(ADA, BO), "ada+bo")
stage.labels.values(one_group(ADA, BO, "Hello Bo!", stage.now()))

# %% [markdown]
# ## First try: list the inbox
#
# A table without an index gets some dozens of conversations; Ada takes part in 6 of them. Which are hers? No key says so, for a key holds
# the UUID of the conversation. So we search the whole table, with a **Scan** and a filter.
#
# Predict: the 6 items returned have less than 350 bytes each. How many RRU is that, eventually consistent?

# %%
people = [BO, *(user_named(f"u{number}") for number in range(conversations))]
for number in range(conversations):
    one = ADA if number < mine else people[number + 1]
    item = one_group(one, people[number], "Hello!", stage.now())
    stage.client.put_item(TableName=stage.table_name, Item=item)
predict("03.scan", 0.5, "RRU", confidence=70, example=True)

# %%
with stage.watching() as usage:
    stage.client.scan(
        TableName=stage.table_name,
        FilterExpression="user_a_uuid = :me OR user_b_uuid = :me",
        ExpressionAttributeValues={":me": {"S": ADA.uuid}},
    )
print("items read ", usage.items_read, " returned ", usage.items_returned)
print("bytes read ", usage.bytes_read, " returned ", usage.bytes_returned)
reveal("03.scan", usage.estimated_rru)

# %% [markdown]
# Half a unit would do for what was *returned*. But the filter comes after reading: all 60 items were read and charged. It grows with
# everybody's conversations, not with Ada's, and a real table holds the messages as well: a Scan reads them all. Nor are the items in the order of
# an inbox. It is quick on the day of the demo, when the table is small.

# %% [markdown]
# ## Second try: find it by its UUID
#
# Now the other half of the idea. Whoever opens a conversation from the inbox knows its UUID, and that is the key. Bo is logged in; whose name
# does he see?

# %%
with stage.watching() as usage:
    opened = stage.client.get_item(
        TableName=stage.table_name, Key=group_key(pair_uuid(ADA, BO)), ConsistentRead=True
    )["Item"]
viewer = BO
other = "user_b" if opened["user_a_uuid"]["S"] == viewer.uuid else "user_a"
print(opened[f"{other}_display_name"]["S"])
requests_frame(usage, stage.snapshot())

# %% [markdown]
# That is the trick: one line of code in place of a second item.
#
# The read has a quality that is easily overlooked, `ConsistentRead=True`: it sees all writes so far. Before a message is stored (C), the code has to
# see that the sender *takes part*, as of now. Under `dual` the key of a group item holds a time that nobody knows beforehand, so it is found by a
# Query of an index. Predict: can that be strongly consistent, too?

# %%
predict("03.consistent", "yes", confidence=60, example=True)

# %%
dual = Stage(Dual, endpoint=endpoint or None)
try:
    dual.client.query(
        TableName=dual.table_name, IndexName=GROUP_INDEX, ConsistentRead=True,
        KeyConditionExpression="message_group_uuid = :group",
        ExpressionAttributeValues={":group": {"S": pair_uuid(ADA, BO)}},
    )
    can_be = "yes"
except ClientError as error:
    print(error.response["Error"]["Code"] + ":", error.response["Error"]["Message"])
    can_be = "no"
reveal("03.consistent", can_be)

# %% [markdown]
# A global secondary index follows its table, usually within milliseconds, so no read of it can promise the latest. A point for the one item: it
# is read by its key.
#
# ## Third try: an inbox needs a key
#
# What remains is the inbox. For a Query, some key has to name the user. The table's key is taken, so that means an index, which has *one*
# partition key; but the item has two users. Say `user_a_uuid`, with `last_reply_at` as the sort key.
#
# Ada wrote to Bo; Cy and Di wrote to Ada. Predict: how many of Ada's three conversations does that index list for her?

# %%
predict("03.index_a", 3, "conversations", confidence=60, example=True)

# %%
single = Stage(Single, endpoint=endpoint or None)
with_bo = {each: each.start(ADA, BO, "Hello Bo!") for each in (single, dual)}
for each in (single, dual):
    each.start(CY, ADA, "Lunch?")
    each.start(DI, ADA, "Seen it?")
    each.settle()
listed = single.snapshot().held["inbox-a-index"]
reveal("03.index_a", sum(entry["user_a_uuid"]["S"] == ADA.uuid for entry in listed))

# %%
display(items_frame(single.snapshot(), "inbox-a-index"))
display(items_frame(single.snapshot(), "inbox-b-index"))

# %% [markdown]
# Ada is `a` in one and `b` in two. That takes a second index, and an inbox is **two Queries, merged**. Could a set of both users be the key? No: a key
# is one text, number or binary value, and an item has at most one entry in an index.
#
# ## The index is the second copy
#
# Look again at what the entries hold: text, time, conversation, and, cut off here, all the rest. Each index has an entry for each item, and it is
# the whole item. Here are the two tables, and how many group items and entries there are:

# %%
for each in (single, dual):
    held = each.snapshot().held
    display(items_figure(each.snapshot()))
    groups = sum(item["pk"]["S"].startswith("GRP#") for item in held[None])
    entries = sum(len(held[index.name]) for index in each.schema.indexes)
    print(f"{each.design.name}, 3 conversations: {groups} group items, {entries} index entries")

# %% [markdown]
# So "one item" does not mean one copy. The choice is between **one item with two index entries** and **two items with one entry each**: three
# copies or four, and who keeps them up. An index is a copy that DynamoDB keeps for you, and that you pay for.
#
# ## The same message on both
#
# Bo answers Ada. Lesson 02 counted 9 WRU for that under `dual`. Predict for `single`, which stores a message and changes one item: how many WRU,
# stream update included?

# %%
predict("03.message", 2, "WRU", confidence=60, example=True)

# %%
before = {each: each.snapshot() for each in (single, dual)}
sent = {}
for each in (single, dual):
    with each.watching() as sent[each]:
        each.send(with_bo[each].seen_by_other(), text)
        each.settle()
reveal("03.message", sent[single].estimated_wru)

# %%
charges_frame(sent[single])

# %% [markdown]
# The message is 1 and the item is 1; that was the guess. But `last_reply_at` is the sort key of both indexes, and the key of an entry cannot
# change: the old entry is deleted and a new one put, in each index. That is 4 more, so 6, and still less than 9. *About the write the
# learner is right.*
#
# What changed, under `single` and under `dual`:

# %%
display(changes_frame(before[single], single.snapshot()))
display(changes_frame(before[dual], dual.snapshot()))

# %% [markdown]
# Under `dual` the time is in the key of the *table*, so the code itself puts and deletes, for each side. Under `single` the code makes one
# update, and the indexes do the rest. The round trips show it; the message is stored by the second one, what follows is the stream update:

# %%
display(requests_figure(sent[single], single.snapshot(), title="single"))
display(requests_figure(sent[dual], dual.snapshot(), title="dual"))
{each.design.name: (usage.round_trips, usage.estimated_wru) for each, usage in sent.items()}

# %% [markdown]
# ## What it pays with
#
# First, reading. Predict: Ada lists her inbox of three conversations under `single`. How many RRU is that?

# %%
predict("03.inbox", 0.5, "RRU", confidence=60, example=True)

# %%
read = {}
for each in (single, dual):
    with each.watching() as read[each]:
        each.design.list_conversations(ADA)
    display(requests_frame(read[each], each.snapshot()))
reveal("03.inbox", read[single].estimated_rru)

# %% [markdown]
# Each Query is rounded up by itself. And for a page of 20 *both* are asked for 20, because the newest may all be in one of them.
#
# Second, what one participant did alone: Ada has read the conversation with Bo, which is nobody else's affair. Third, a conversation of three.

# %%
for each in (single, dual):
    with each.watching() as usage:
        each.design.mark_read(with_bo[each], each.now())
    print(f"{each.design.name}: marked as read for {usage.estimated_wru:g} WRU")
try:
    single.design.start_group(ADA, [BO, CY], "Both here?", single.now())
except NotSupported as refusal:
    print(type(refusal).__name__, refusal)

# %% [markdown]
# Ada's mark is an attribute of the one item, so the entry in *Bo's* inbox is written again as well. A third participant would need `user_c_*`, a third
# index and a third Query. (This workbench's `dual` refuses groups, too, for the sake of its stream update; its keys have room for them.)
#
# Fourth, no partition of the table belongs to a user. What that means for whom IAM can keep out is asked in lesson 07.

# %% [markdown]
# ## Exercises
#
# Put your answer in place of the dots and run the cell. Each has hints, a step at a time: `hint("03.show_name")` in a cell of its own.
#
# 1. Write `show_name`: the display name that a viewer sees of the other one, from an item as `one_group` makes it. Whoever takes no part sees
#    None. (They may still know the UUID.)

# %% tags=["exercise"]
def show_name(item, viewer_uuid):
    return ...  #| learner
    names = {item[f"user_{side}_uuid"]["S"]: item[f"user_{side}_display_name"]["S"] for side in "ab"}  #| solution
    others = [name for uuid, name in names.items() if uuid != viewer_uuid]  #| solution
    return others[0] if viewer_uuid in names else None  #| solution

check("03.show_name", show_name)

# %% [markdown]
# 2. Write `merge_inboxes`: two lists of items, each newest first by `last_reply_at`, as the two Queries return them, become one list of the newest
#    `limit`, newest first. Of two with the same time, that of `items_a` comes first.

# %% tags=["exercise"]
def merge_inboxes(items_a, items_b, limit):
    return ...  #| learner
    both = [*items_a, *items_b]  #| solution
    return sorted(both, key=lambda item: item["last_reply_at"]["S"], reverse=True)[:limit]  #| solution

check("03.merge", merge_inboxes)

# %% [markdown]
# 3. Somebody wants to save, and lets both inbox indexes project KEYS_ONLY. Then a text of 1,024 characters is sent, as was the one before it. How
#    many WRU is that, stream update included?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 2 + 2 + 2 * (1 + 1)  #| solution
check("03.keys_only", answer)

# %% [markdown]
# 4. A message costs 6 WRU under `single` and 9 under `dual`; a short inbox, 1 RRU and 0.5. A WRU costs five times what an RRU does. How many
#    times is an inbox listed *for each message* when both come to the same? (Which one would you take, then, for 5 times?)

# %% tags=["exercise"]
answer = ...  #| learner
answer = (9 - 6) * 5 / (1 - 0.5)  #| solution
check("03.reads_per_message", answer)

# %% [markdown]
# ## What we learned
#
# - A filter saves nothing: a Scan is charged for all that it reads. For an inbox, a key has to name the user.
# - **The index is the second copy.** One item with two entries, or two items with an entry each: the question is who keeps the copies up, and
#   when one pays.
# - The learner's model is cheaper to write, 6 WRU against 9, and finds a conversation by its key. It pays with two Queries for each inbox, with
#   marks of one participant that are written to the copies of both, and with no room for a third.
# - Neither is wrong. Which is cheaper depends on how often an inbox is listed for each message.

# %%
for each in (stage, single, dual):
    each.close()
calibration_frame()

# %% [markdown]
# Next: [04_last_message](04_last_message.ipynb), the stream update that keeps inboxes right.
#
# ## Known limits
#
# Three conversations and short texts: pages of 20 are more than half a unit. Longer inboxes and prices come in lessons 05 and 06. An index of
# DynamoDB Local never lags, so the read that comes too early is not shown here.
