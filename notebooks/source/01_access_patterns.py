# %% [markdown]
# # What does the application ask?
#
# A week ago you may have known a relational database: store each fact once, decide later what to ask. On DynamoDB it is the other way
# round. You **list the questions first**, and keys follow from them.
#
# Here the same data is held twice, in four normalised tables (SQLite) and in one DynamoDB table, and each question is put to both. You see
# what a JOIN does when it reads, what copies cost when they are written, and why *the shape of an answer* becomes an item collection.

# %% tags=["parameters"]
endpoint = ""  # a DynamoDB API on this machine; empty: the one that `make lab` or `workbench up` started
few, many = 30, 300  # conversations in an inbox

# %%
from IPython.display import display

from workbench.cards.scenario import ADA, BO, CY, DI
from workbench.course import Stage, check, hint, predict, reveal
from workbench.course.lessons.beside import Beside
from workbench.course.pictures import items_figure, items_frame
from workbench.designs.dual import Dual
from workbench.messaging.access_patterns import ACCESS_PATTERNS, ESSENTIAL
from workbench.messaging.entities import User
from workbench.messaging.logs import user_named
from workbench.messaging.workload import Workload

# %% [markdown]
# ## Five questions
#
# An **access pattern** is one question that the application asks, or one thing that it tells. These five make a messaging app. The letters
# are used in all lessons.

# %%
{letter: ACCESS_PATTERNS[letter] for letter in ESSENTIAL}

# %% [markdown]
# A list of names is not enough to choose keys. For each pattern write down *who asks, what they know, and in what order the answer comes*:
#
# | | who asks | what is known | answer, in order |
# |---|---|---|---|
# | A | who opens a conversation | its UUID | messages, newest first |
# | B | who opens the app | only who they are | conversations, newest first |
# | C | who writes | the conversation, the text | - |
# | D | who writes to somebody new | the two users | - |
# | E | nobody: it follows C | the message | - |

# %% [markdown]
# ## And how often?
#
# That belongs to the list, for a rare question may be dear. Nobody knows the rates before there are users; so they are an assumption that
# is written down, and can be changed. These are the workbench's, times per user and day. In lesson 06 such rates decide which model is the
# cheapest.

# %%
day = Workload()
per_day = {
    "A": day.conversation_reads_per_user_per_day,
    "B": day.inbox_reads_per_user_per_day,
    "C and E": day.messages_per_user_per_day,
    "D": day.new_conversations_per_user_per_day,
}
per_day

# %% [markdown]
# ## The same data, twice
#
# `both` holds a DynamoDB table (the design `Dual`, which the next lesson builds) and four tables in SQLite: `users`, `conversations`,
# `participants` (who takes part in what) and `messages`. Whatever is called is called on both. Ada writes to Bo and Di; Cy writes to Ada.

# %%
stage = Stage(Dual, endpoint=endpoint or None)
both = Beside(stage)
with_bo = both.start(ADA, BO, "Hello Bo!")
with_cy = both.start(CY, ADA, "Lunch?")
with_di = both.start(ADA, DI, "See you at six.")
stage.settle()  # the stream's records so far are handled
both.row_counts()

# %% [markdown]
# Each fact is in one row: Ada's name once, each text once. This is *normalised*: nothing can contradict itself, because nothing is said
# twice.
#
# ## Predict: the inbox as a JOIN
#
# Pattern B shows Ada her three conversations, each with the other's name and the last text. Names are in `users`, texts in `messages`. How
# many SQL statements is that? The guess below is what many programs do: one for the list, then one for each conversation.

# %%
predict("01.statements", 4, "statements", confidence=60, example=True)

# %%
inbox = both.call("B", "list_conversations", ADA)
reveal("01.statements", inbox.statements)

# %% [markdown]
# One. It JOINs Ada's rows in `participants` with the names and the last messages, and sorts:
#
# ```sql
# SELECT handle, text, created_at FROM participants AS mine
# JOIN users AS other ON other.uuid = other_uuid
# JOIN messages USING (conversation_uuid)
# WHERE user_uuid = :ada AND created_at = (SELECT max(created_at) FROM messages
#                                          WHERE conversation_uuid = mine.conversation_uuid)
# ORDER BY created_at DESC LIMIT 20
# ```
#
# (`workbench/designs/relational.py` has all of it.) The inbox is stored nowhere. It is **worked out each time it is read**.

# %% [markdown]
# ## The shape of the answer
#
# DynamoDB has no JOIN. A Query reads items of *one* partition key, in the order of their sort key, and that is all. So look at the answer
# that the application wants, and at nothing else:

# %%
[
    (entry.conversation.other.handle, entry.last_text, f"{entry.last_message_at:%H:%M:%S}")
    for entry in inbox.answer.entries
]

# %% [markdown]
# A list for one user, sorted by time. Each line names the other, the last text and when. Now suppose that each *line* is an item. The list
# is what is read together, so it gets one partition key: the user. It comes by time, so time is the sort key. Then reading the inbox is one
# Query, and nothing has to be worked out:

# %%
display(items_frame(stage.snapshot()))
items_figure(stage.snapshot())

# %% [markdown]
# `GRP#<ada>` is Ada's inbox: three items, and read backwards they are the answer above, line by line. **The answer's shape has become an
# item collection.** `MSG#<ada+bo>` is the same for pattern A: the messages of one conversation, by time. (`<ada>` stands for a UUID.)
#
# But see what it took. "Hello Bo!" is stored three times: as a message, in Ada's inbox, in Bo's. The rule is short: *what is known* gives
# the partition key, *the order* gives the sort key, and whatever else the answer shows is copied into the item.

# %% [markdown]
# ## Predict: a message, and its copies
#
# Bo answers Ada. In SQLite that is one new row. On DynamoDB the message is written, and the copies in both inboxes have to follow (pattern
# E). How many WRU do you expect, if each item is under 1 KB?

# %%
predict("01.written", 3, "WRU", confidence=60, example=True)

# %%
sent = both.call("C", "send_message", with_bo.seen_by_other(), "Hello Ada!", stage.now())
update = both.settle()
reveal("01.written", sent.wru + update.wru)

# %% [markdown]
# Three items are what changes: a message, and two lines of inboxes. It is three times as much, since the time is part of the key of a group
# item. A key cannot be changed, only deleted and put anew, and an index on those items (the same items
# under another key) follows. The next lesson takes that apart, write by write. Here it is enough to see *when* work is done: in tables when the inbox is read, here when a message is sent.

# %% [markdown]
# ## All five, side by side
#
# Pattern A is left, and a first message once more (D). `statements` and `rows` (returned or changed) are SQLite's, BEGIN and COMMIT among
# them; round trips and units are DynamoDB's.

# %%
history = both.call("A", "list_messages", ADA, with_bo.group_uuid)
bo_with_cy = both.start(BO, CY, "Is Ada with you?")
both.frame()

# %% [markdown]
# Read it by rows. **B**: one statement or one round trip; nobody wins. **A and C** first make sure that the caller takes part, on either
# side; then A reads a list, and C inserts one row, or puts one item. **E** is where the copies are paid for: nothing in tables, five round
# trips and 8 WRU here. **D** looks whether the two talk already, then writes three items in one transaction, for which the items of the
# table are charged twice.
#
# With three conversations the JOIN looks free. So why would anybody copy?

# %% [markdown]
# ## Predict: ten times the conversations
#
# Ada becomes popular: 30 conversations, then 300. The app still shows 20 lines. SQLite counts the steps (instructions of its virtual
# machine) that a statement takes. *How many times as much work* is the page of 20, when the inbox is ten times as long?

# %%
predict("01.longer", 1, "times", confidence=65, example=True)

# %%
inboxes = []
for number in range(4, many + 1):
    both.start(user_named(f"friend_{number}"), ADA, "Hi Ada, it is me.")
    if number in (few, many):
        inboxes.append(both.call("B", "list_conversations", ADA))
short, long = inboxes
display({"rows returned": (short.rows, long.rows), "RRU": (short.rru, long.rru)})
reveal("01.longer", round(long.steps / short.steps))

# %% [markdown]
# `LIMIT 20` limits what is *returned*: 20 rows, and one to see that there are more. To know which are the newest, the last message of every
# conversation is looked up. The Query reads 20 items and stops, since they lie in order: 1 RRU at either length. That is the promise of a
# key that follows a question: **its cost depends on the answer, not on the data around it**.
#
# To be fair: a relational database can keep the last text and time in `participants`, with an index on user and time. Then it reads as
# little. But that is the same copy, and it has to follow each message, too. The choice is about copies, not about brands.

# %% [markdown]
# ## Predict: what copies cost later
#
# Ada changes her name. In SQLite this is one row. On DynamoDB her name stands in the inboxes of all who talk with her, and in every message
# she sent. How many WRU is it for 300 conversations, if she sent a message in only two of them? A tempting guess is one for each inbox, and
# two for her messages.

# %%
predict("01.rename", 302, "WRU", confidence=50, example=True)

# %%
renamed = both.call("H", "rename_user", User(ADA.uuid, ADA.handle, "Ada L."))
display({"rows": renamed.rows, "round trips": renamed.round_trips, "RRU": renamed.rru})
reveal("01.rename", renamed.wru)

# %% [markdown]
# Each of the 300 inbox items is changed in the table and in its index. And each conversation has to be looked through for her messages. One
# row against nine hundred requests: this is what normalising was invented for. Whether it matters is, again, a question of *how often*.
# People rename themselves rarely; inboxes are opened all day.

# %% [markdown]
# ## Exercises
#
# Put your answer in place of the dots and run the cell. Each has hints, a step at a time: `hint("01.inbox_keys")` in a cell
# of its own.
#
# 1. Pattern B from memory: what is the partition key of an inbox, what its sort key? Two of these words, as a
#    list, `["...", "..."]`: "conversation", "last reply", "message", "name", "user".

# %% tags=["exercise"]
answer = ...  #| learner
answer = ["user", "last reply"]  #| solution
check("01.inbox_keys", answer)

# %% [markdown]
# 2. Pattern A in code: return the key of a message as `{"pk": ..., "sk": ...}`, both texts. Times are such as "2026-03-01T12:00:00Z". Other
#    kinds of items live in the table, so begin the partition key with `MSG#`.

# %% tags=["exercise"]
def message_key(group_uuid, sent_at):
    return ...  #| learner
    return {"pk": "MSG#" + group_uuid, "sk": sent_at}  #| solution


check("01.message_key", message_key)

# %% [markdown]
# 3. Someone writes in a group of five. Each participant has an inbox as above. How many inbox items of the table have to follow the
#    message?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 5  #| solution
check("01.copies", answer)

# %% [markdown]
# 4. A sociable user begins *one* conversation a day (D), and otherwise does what `per_day` says. How many WRU does that user cause in a day,
#    with the units in `both.frame()`? All five patterns.

# %% tags=["exercise"]
answer = ...  #| learner
answer = 10 * (1 + 8) + 1 * 8  #| solution
check("01.per_day", answer)

# %% [markdown]
# 5. A new question comes up after the launch: all messages that *one user sent*, in any conversation. With SQL it is one more WHERE. With
#    the keys above, by which DynamoDB operation could you answer it? (One word, in quotes.)

# %% tags=["exercise"]
answer = ...  #| learner
answer = "Scan"  #| solution
check("01.new_question", answer)

# %% [markdown]
# ## What we learned
#
# - Questions come first: who asks, what is known, the answer's order, how often. What is known becomes the partition key, the order the sort
#   key, the answer an item collection.
# - A JOIN works when it is read, on all that might be in the answer; copies work when they are written, once for each place.
# - Neither is free: a rename is one row in tables, and hundreds of writes here. Rates decide.

# %% [markdown]
# Next: [02_two_groups](02_two_groups.ipynb), where you build that inbox step by step, and find out what nine WRU are made of.
#
# ## Known limits
#
# SQLite runs inside this process; with a server each statement would be a round trip. Its steps count work, not time, and other versions
# take others. Units are by AWS's rules. Nothing here says which is faster.
