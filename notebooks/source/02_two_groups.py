# %% [markdown]
# # Why two message groups per conversation?
#
# A course that builds a messaging app on DynamoDB stores **two** group items for one conversation, one from each side. That looks
# redundant, and what it costs was left open there.
# Here you build that model step by step, each time because the step before does not do: messages alone, then group items, then items that
# move, then the index that finds them.
#
# In the end one message is nine writes, and you know each of them. The workbench's own `Dual` then replaces what you wrote.

# %% tags=["parameters"]
endpoint = ""  # a DynamoDB API on this machine; empty: the one that `make lab` or `workbench up` started
others = 997  # messages of other people on the table

# %%
from botocore.exceptions import ClientError
from IPython.display import display

from workbench.cards.scenario import ADA, BO, CY, DI
from workbench.course import Stage, check, hint, predict, reveal
from workbench.course.pictures import (
    changes_figure, changes_frame, charges_figure, charges_frame,
    items_figure, items_frame, requests_figure, requests_frame,
)
from workbench.designs.dual import GROUP_INDEX, Dual
from workbench.designs.messages import define_index, define_table, message_item, user_attributes
from workbench.dynamodb.bulk import put_all, to_json
from workbench.messaging.entities import Message, pair_uuid
from workbench.messaging.times import format_time

# %% [markdown]
# ## Step 1: messages first
#
# Pattern A shows the messages of one conversation, oldest to newest or back. So they share a partition key, `MSG#` and the conversation's
# UUID, and the time is the sort key. Three messages in two conversations:

# %%
stage = Stage(define_table(), endpoint=endpoint or None)
with_bo, with_cy, with_di = pair_uuid(ADA, BO), pair_uuid(ADA, CY), pair_uuid(CY, DI)
for group_uuid, name in ((with_bo, "ada+bo"), (with_cy, "ada+cy"), (with_di, "cy+di")):
    stage.labels.name_conversation(group_uuid, name)  # how outputs call it
said = [(ADA, with_bo, "Hello Bo!"), (BO, with_bo, "Hello Ada!"), (CY, with_cy, "Lunch?")]
for number, (sender, group_uuid, text) in enumerate(said):
    item = message_item(group_uuid, Message(f"m{number}", sender, text, stage.now()))
    stage.client.put_item(TableName=stage.table_name, Item=item)
items_frame(stage.snapshot())

# %% [markdown]
# Pattern A is done: one Query of `MSG#<ada+bo>` reads one item collection, in order. (`<ada+bo>` stands for a UUID.)
#
# ## The tempting inbox: a Scan
#
# Pattern B lists Ada's conversations. All is in the messages already, so why store more? A **Scan** reads the table, and a filter keeps
# what is Ada's. Other people write, too: 997 messages between Cy and Di.
#
# Of the 1,000 messages one is Ada's. How many RRU is the Scan that returns it?

# %%
put_all(
    stage.target.post(), stage.table_name,
    (
        to_json(message_item(with_di, Message(f"d{n}", DI, "And then?", stage.now())))
        for n in range(others)
    ),
)  # fmt: skip
predict("02.scan", 0.5, "RRU", confidence=70, example=True)

# %%
with stage.watching() as usage:
    page = stage.client.scan(
        TableName=stage.table_name,
        FilterExpression="user_uuid = :ada",
        ExpressionAttributeValues={":ada": {"S": ADA.uuid}},
    )
found = [stage.labels.brief(item["pk"]) for item in page["Items"]]
display({"read": usage.items_read, "returned": usage.items_returned, "found": found})
reveal("02.scan", usage.estimated_rru)

# %% [markdown]
# Two faults. The cost is that of **all that is read**, a filter comes after: with a thousand times the messages, it is a thousand times as
# much, for each look at an inbox. And the answer is wrong. Cy wrote "Lunch?" to Ada, but a message tells only who *sent* it; a conversation
# in which she has not written is not found.
#
# What the inbox needs is stored nowhere: who takes part, and what came last.

# %% [markdown]
# ## Step 2: a group item for each participant
#
# Who opens an inbox knows only who they are. So the partition key is `GRP#` and the **owner's** UUID. The newest is on top, so the time of
# the last reply is the sort key. The line shows the *other's* name and the last text; they are copied into the item.
#
# This is where **two** come from. Ada's line says "bo", Bo's line says "ada", and each lies in its owner's list. One item cannot have two
# partition keys.

# %%
def group_item(owner, other, group_uuid, text, last_reply_at):
    return {
        "pk": {"S": "GRP#" + owner.uuid},
        "sk": {"S": format_time(last_reply_at)},
        "message_group_uuid": {"S": group_uuid},
        "message": {"S": text},
        **user_attributes(other),
    }

# %% [markdown]
# On a new table, without the messages, Ada writes to Bo, and Cy to Ada. Then Ada's inbox is read, last sort key first:

# %%
stage.close()
stage = Stage(define_table(), endpoint=endpoint or None)
stage.labels.name_conversation(with_bo, "ada+bo")
for one, other, group_uuid, text in ((ADA, BO, with_bo, "Hello Bo!"), (CY, ADA, with_cy, "Lunch?")):
    at = stage.now()
    for owner, named in ((one, other), (other, one)):
        item = group_item(owner, named, group_uuid, text, at)
        stage.client.put_item(TableName=stage.table_name, Item=item)

# %%
with stage.watching() as usage:
    page = stage.client.query(
        TableName=stage.table_name,
        KeyConditionExpression="pk = :inbox",
        ExpressionAttributeValues={":inbox": {"S": "GRP#" + ADA.uuid}},
        ScanIndexForward=False,
    )
display(items_figure(stage.snapshot()))
usage.estimated_rru, [item["message"]["S"] for item in page["Items"]]

# %% [markdown]
# Half a unit, newest first, and "Lunch?" is there. It stays so with a million messages on the table, because a Query reads one item
# collection. Both group items are copies of what the messages say; that is the price, and the next steps say how high it is.
#
# ## Step 3: a message arrives
#
# Bo answers, so his line in Ada's inbox has to move to the top: its sort key becomes the new time. The tempting way is to update it. (The
# error is caught and printed.)

# %%
old = page["Items"][-1]
answered_at = stage.now()
try:
    stage.client.update_item(
        TableName=stage.table_name,
        Key={"pk": old["pk"], "sk": old["sk"]},
        UpdateExpression="SET sk = :now",
        ExpressionAttributeValues={":now": {"S": format_time(answered_at)}},
    )
except ClientError as error:
    print(type(error).__name__, error.response["Error"]["Message"], sep=": ")

# %% [markdown]
# A key says where an item lies; it cannot be changed. What remains is to **put** a new item and **delete** the old one, for both owners.
# Forget the delete, and Ada has two lines with Bo. Here are four requests by hand. Two lines of two inboxes change: how many WRU, on a
# table without index?

# %%
predict("02.move", 2, "WRU", confidence=65, example=True)

# %%
before = stage.snapshot()
first_key = old["sk"]
with stage.watching() as usage:
    for owner, other in ((ADA, BO), (BO, ADA)):
        new = group_item(owner, other, with_bo, "Hello Ada!", answered_at)
        stage.client.put_item(TableName=stage.table_name, Item=new)
        stage.client.delete_item(TableName=stage.table_name, Key={"pk": new["pk"], "sk": first_key})
display(changes_frame(before, stage.snapshot()))
reveal("02.move", usage.estimated_wru)

# %% [markdown]
# Four, as each line is written twice. The put comes first: if the program dies in between, an inbox shows one line too many, which can be
# mended. The other way round the conversation would be gone.
#
# ## Step 4: but where are they?
#
# The delete needs the whole old key. Above we had it at hand (`first_key`). In the course a function on the table's **stream** does this
# work, and all that it is told is the new message:

# %%
item = message_item(with_bo, Message("m3", BO, "Are you there?", stage.now()))
stage.new_records()  # those of what was written so far
stage.client.put_item(TableName=stage.table_name, Item=item)
[record] = stage.new_records()
{name: stage.labels.brief(value) for name, value in sorted(record["dynamodb"]["NewImage"].items())}

# %% [markdown]
# There is the conversation, the sender, the time of the *new* message. But not the other participant, nor the old `sk` of any group item.
# To find items by an attribute that is no key, there is one more Scan, or an **index**: the same items under another key. Here that is
# `message_group_uuid`, with the time as sort key again. An index can be added to a table that there is; here it is a new table:

# %%
stage.close()
by_group = define_index(GROUP_INDEX, "message_group_uuid", "sk")
stage = Stage(define_table("message_group_uuid", indexes=[by_group]), endpoint=endpoint or None)
stage.labels.name_conversation(with_bo, "ada+bo")
table = {"TableName": stage.table_name}
started_at = stage.now()
for item in (
    message_item(with_bo, Message("m0", ADA, "Hello Bo!", started_at)),
    group_item(ADA, BO, with_bo, "Hello Bo!", started_at),
    group_item(BO, ADA, with_bo, "Hello Bo!", started_at),
):
    stage.client.put_item(**table, Item=item)
items_frame(stage.snapshot(), GROUP_INDEX)

# %% [markdown]
# The index holds both group items under one key, and not the message: an item without `message_group_uuid` has no entry (the index is
# *sparse*). Its entries are **copies**, which DynamoDB writes whenever the table changes, and charges as writes.
#
# ## Predict: one message, all of it
#
# Bo answers once more. The message is put; the index finds the two group items; each is put anew and deleted. Every item is under 1 KB. How
# many WRU in all? The guess counts one for the message, and four as above.

# %%
predict("02.one_message", 5, "WRU", confidence=75, example=True)

# %%
message = message_item(with_bo, Message("m1", BO, "Hello Ada!", stage.now()))
with stage.watching() as usage:
    stage.client.put_item(**table, Item=message)
    found = stage.client.query(
        **table,
        IndexName=GROUP_INDEX,
        KeyConditionExpression="message_group_uuid = :group",
        ExpressionAttributeValues={":group": {"S": with_bo}},
    )
    for old in found["Items"]:
        new = {**old, "sk": message["sk"], "message": message["message"]}
        stage.client.put_item(**table, Item=new)
        stage.client.delete_item(**table, Key={"pk": old["pk"], "sk": old["sk"]})
display(charges_frame(usage))
reveal("02.one_message", usage.estimated_wru)

# %% [markdown]
# **Nine WRU, and half an RRU** for the question. Count them: 1 for the message, and then for each of two participants a put and a delete,
# in the table and in the index: 2 x 2 x 2 = 8. The index was only there to *find* the items, and it doubles what they cost. That is easy to
# miss: a write to an index is no request of yours, it is in the bill of the put or delete. (In the Query's row, the
# bytes are those that it read.)

# %% [markdown]
# ## What replaces it: `Dual`
#
# `workbench/designs/dual.py` is this model, with what was left out here: refused strangers, late messages, crashes, equal times. Its stream
# update is the loop above. `stage.start`, `stage.send` and `stage.settle` call its code. How many round trips is one message, from the
# sender's request to the last write of the function?

# %%
stage.close()
stage = Stage(Dual, endpoint=endpoint or None)
hello = stage.start(ADA, BO, "Hello Bo!")
stage.settle()
predict("02.round_trips", 6, "round trips", confidence=60, example=True)

# %%
before = stage.snapshot()
with stage.watching() as usage:
    stage.send(hello.seen_by_other(), "Hello Ada!")
    records = stage.settle()
after = stage.snapshot()
display(requests_frame(usage, after), requests_figure(usage, after, title="One message under dual"))
display({"stream records": records})
reveal("02.round_trips", usage.round_trips)

# %% [markdown]
# Six are those that you wrote. The seventh is the first one: `Dual` looks whether Bo takes part in the conversation before he may write in
# it. That is another half RRU; the course's code leaves it out. The sender waits for the first two only; the other five are the function's,
# a moment later.
#
# Below is what changed, in the table and in the index, and what it cost, item by item and entry by entry. Each orange bar of a group item
# has its vermilion twin.

# %%
display(changes_frame(before, after), changes_figure(before, after))
charges_figure(usage, title="One message under dual")

# %% [markdown]
# The function's own writes are changes of the table, too, so they come back on its stream: one record for the message, one for each put and
# each delete, 5 in all. The function has to know its own and leave them alone.
#
# ## The first message is another matter
#
# Pattern D creates the conversation: the message and two group items, which must be there all or not at all. So it is one **transaction**.
# A transaction writes in two steps, and is charged double. Three items, two of them in the index: 5 writes, doubled 10?

# %%
predict("02.first_message", 10, "WRU", confidence=70, example=True)

# %%
with stage.watching() as usage:
    stage.start(CY, ADA, "Lunch?")
display(charges_frame(usage))
print("by rule", usage.estimated_wru, "- as reported", usage.consumed_wru)
for difference in usage.differences:
    print(*(f"{difference.operation}: {each.cause}" for each in difference.causes), sep="\n")
reveal("02.first_message", usage.estimated_wru)

# %% [markdown]
# Eight: **a transaction doubles the units of the table, never those of an index**. 3 x 2 + 2. (The Query before it looks whether the two
# have a conversation.)
#
# This is one of the places where DynamoDB Local reports something else. The workbench keeps both figures; the causes stand above.

# %% [markdown]
# ## Exercises
#
# Put your answer in place of the dots and run the cell. Each has hints, a step at a time: `hint("02.three_people")` in a cell
# of its own. Items are under 1 KB where nothing else is said.
#
# 1. A conversation of *three* in this model: each has a group item. How many WRU is one message, with its stream update?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 1 + 3 * 2 * 2  #| solution
check("02.three_people", answer)

# %% [markdown]
# 2. Two people again, but the text has 1,024 letters, all that the application allows, and so had the message before it. How many WRU?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 9 * 2  #| solution
check("02.long_text", answer)

# %% [markdown]
# 3. Ada has 45 conversations; a group item is 260 bytes. The application asks for a page of 20 (a Query with `Limit=20`, which may be a
#    moment old). How many RRU?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 2 * 0.5  #| solution
check("02.inbox_page", answer)

# %% [markdown]
# 4. Somebody wants no moment in which an inbox is behind, and puts the message and all that follows (two people) into *one* transaction.
#    How many WRU is it then, instead of 9?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 5 * 2 + 4  #| solution
check("02.one_transaction", answer)

# %% [markdown]
# 5. Write the step in the middle. Given one old group item and a message item as the stream shows it, return the requests, in their order,
#    as `[("PutItem", item), ("DeleteItem", key)]`. A message may come late, after a newer one, or a second
#    time, since a stream hands records over *at least once*: then return `[]`.

# %% tags=["exercise"]
def moved(old, message):
    return ...  #| learner
    if message["sk"]["S"] <= old["sk"]["S"]:  #| solution
        return []  #| solution
    new = {**old, "sk": message["sk"], "message": message["message"]}  #| solution
    return [("PutItem", new), ("DeleteItem", {"pk": old["pk"], "sk": old["sk"]})]  #| solution


check("02.moved", moved)

# %%
stage.close()

# %% [markdown]
# ## What we learned
#
# - Two group items, because each participant's inbox is an item collection of its own: one Query, at any size of the table.
# - The time in the key gives the order, and makes each message a put and a delete for each of them.
# - They have to be found by the conversation, so there is an index, written along: 1 + 2 x 2 x 2 = 9 WRU.
# - A transaction doubles the table's part, never the index's.
#
# Redundant? It is paid for at each message, so that reading is cheap. Whether that pays depends on who reads how often.
#
# %% [markdown]
# Next: [03_one_group](03_one_group.ipynb), the objection: one group item for both.
#
# ## Known limits
#
# Units are AWS's rules, worked out from each item. DynamoDB Local's index never lags, the service's may; `Dual` deals with that, and lesson
# 04 shows how. A figure of round trips says nothing about milliseconds.
