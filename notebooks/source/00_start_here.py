# %% [markdown]
# # Does it work, and what did it cost?
#
# This is the first lesson about one question: *which DynamoDB data model, and why?* Here nothing is modelled yet. You see that
# your set-up works, put one item into a table on DynamoDB Local, and predict what that costs before you are shown.
#
# Every lesson goes like this: **predict, run, compare**. It takes two minutes to the first success, ten to the end. `make lab` opens
# the lessons with a database beside them; nothing here talks to AWS, and nothing costs money.

# %% tags=["parameters"]
endpoint = ""  # a DynamoDB API on this machine; empty: the one that `make lab` or `workbench up` started
text = "Hello Bo!"

# %%
from workbench.capacity.item_size import item_size_bytes
from workbench.capacity.requests import Consistency, query_read_units, write_units
from workbench.cards.scenario import ADA
from workbench.course import Stage, calibration_frame, check, hint, predict, reveal
from workbench.course.pictures import charges_frame, items_figure
from workbench.designs.messages import define_table
from workbench.dynamodb.doctor import examine

# %% [markdown]
# ## Is all there?
#
# The doctor looks at what a lesson needs. Where it finds a fault, it says the way out; `workbench doctor` in a terminal says more.

# %%
faults = [finding for finding in examine() if finding.is_fault]
faults or "all is there"

# %% [markdown]
# ## One table, one item
#
# A DynamoDB table has no columns. It has a **key**: here a partition key `pk` and a sort key `sk`. Items that share a `pk` lie together,
# in the order of their `sk`, and are called an **item collection**. Everything else about an item is up to you.
#
# A `Stage` makes a table for one lesson, shows what is done to it, and takes it away in the end.

# %%
stage = Stage(define_table(), endpoint=endpoint or None)
item = {
    "pk": {"S": "MSG#ada-and-bo"},
    "sk": {"S": "2026-03-01T12:00:00Z"},
    "message": {"S": text},
    "user_handle": {"S": ADA.handle},
}

# %% [markdown]
# Each value has a type (`S` is a text). Names count: DynamoDB stores them in every item, so the size of an item is that of its names and values
# together, in bytes.

# %%
item_size_bytes(item)

# %% [markdown]
# ## Predict: what does a write cost?
#
# A write is charged in **write request units** (WRU): one for each KB begun, of the whole item. How many is it for this one? The numbers
# below are an example's guess; put yours in their place, with how sure you are of it.

# %%
predict("00.one_item", 0.07, "WRU", confidence=70, example=True)

# %%
with stage.watching() as usage:
    stage.client.put_item(TableName=stage.table_name, Item=item)
reveal("00.one_item", usage.consumed_wru)

# %% [markdown]
# The guess above took a WRU for a price by the byte: 68 bytes of 1,024. But a KB *begun* is a KB charged. So an item of 68 bytes costs what
# one of 1,000 costs, and that is why models put small things that are read together into one item.
#
# **There it is: your first item.** Items on a stage can be looked at, a colour for each item collection
# (`<12:00:00>` is short for a time of that day):

# %%
items_figure(stage.snapshot())

# %% [markdown]
# ## By rule, and as reported
#
# Two figures stand beside each other from now on. One is worked out by this workbench from the bytes of the item, by the rules that AWS
# publishes. The other is what the database reported. DynamoDB Local is not always right, so where they differ, we say why.

# %%
print("by rule    ", usage.estimated_wru)
print("as reported", usage.consumed_wru)
charges_frame(usage)

# %% [markdown]
# ## Predict: what does it cost to read?
#
# Nine more messages, then a Query for all ten. Reads are charged in **read request units** (RRU): one for each 4 KB begun, half of it if the
# answer may be a moment old (*eventually consistent*, which is what you get unless you ask). Ten messages of 68 bytes: how many RRU? (In the
# request, `:pk` is a placeholder; its value is handed over beside it.)

# %%
predict("00.ten_items", 5, "RRU", confidence=60, example=True)

# %%
for second in range(1, 10):
    later = item | {"sk": {"S": f"2026-03-01T12:00:0{second}Z"}}
    stage.client.put_item(TableName=stage.table_name, Item=later)

# %%
condition = {":pk": item["pk"]}
with stage.watching() as usage:
    page = stage.client.query(
        TableName=stage.table_name, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=condition
    )
reveal("00.ten_items", usage.estimated_rru)

# %% [markdown]
# Ten reads of half a unit would be 5. A Query is cheaper than that: it adds up the bytes of all it reads, **then** rounds up, once. Ten items of
# 68 bytes are less than 4 KB, so the whole page is half a unit. This is the reason behind most of what follows: *what is read together should
# lie together*.

# %%
len(page["Items"]), query_read_units([68] * 10, Consistency.EVENTUAL)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of the dots and run the cell. A wrong answer is told why; `hint("00.long_text")` in a cell of its own gives one
# step at a time.
#
# 1. The application lets a text have 1,024 characters. A message item has such a text, all of it plain letters, and the keys above. How many WRU is
#    it?

# %% tags=["exercise"]
answer = ...  #| learner
answer = write_units(0, item_size_bytes(item | {"message": {"S": "x" * 1_024}}))  #| solution
check("00.long_text", answer)

# %% [markdown]
# 2. A Query reads 300 items of 68 bytes, and has a filter by which 3 of them are returned. How many RRU, if it may be a moment old?

# %% tags=["exercise"]
answer = ...  #| learner
answer = query_read_units([68] * 300, Consistency.EVENTUAL)  #| solution
check("00.filtered", answer)

# %% [markdown]
# 3. What is the word for all items that share a partition key? (Two words, in quotes.)

# %% tags=["exercise"]
answer = ...  #| learner
answer = "item collection"  #| solution
check("00.lie_together", answer)

# %% [markdown]
# ## What we learned
#
# - A write costs a unit for each KB begun of the whole item; a read, half a unit for each 4 KB begun, of all items of a page together.
# - What is read together should lie together: under one partition key.
# - A prediction is worth more than a look. This is how yours fared, and grows with each lesson:

# %%
calibration_frame()

# %%
stage.close()

# %% [markdown]
# Next: [01_access_patterns](01_access_patterns.ipynb), from what an application asks to keys. `workbench progress` shows how far you are,
# and `workbench progress --reset` begins anew.
#
# ## Known limits
#
# Units are those of AWS's rules; prices come in lesson 05. DynamoDB Local answers at the speed of your machine, and has no lag and no throttling.
