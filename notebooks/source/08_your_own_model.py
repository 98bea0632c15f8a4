# %% [markdown]
# # Is my model any good?
#
# Two people draw two models, and neither is simply wrong. But a model of your own can be asked three questions that have answers: **does it keep
# its promises, what does it cost beside others, and what can it not do?** You ask all three of a model in a file, see one break that lacks a single
# line, mend it, and write a pattern yourself.
#
# It takes 40 minutes with the exercises. `make lab` opens the lessons with a database beside them.

# %% tags=["parameters"]
endpoint = ""  # a DynamoDB API on this machine; empty: the one that `make lab` or `workbench up` started
models = "../notebooks/models"  # where your file is
programs = 10  # random ones; `workbench check` draws 100
seed = 1

# %%
from inspect import getsource
from IPython.display import Markdown
from workbench.cards.collecting import collect_card
from workbench.cards.scenario import ADA, BO, CY
from workbench.conformance.check import check_design
from workbench.course import Stage, check, hint, predict, reveal
from workbench.course.lessons.models import failure_text, inbox_rru, smallest_failure, units_frame
from workbench.course.pictures import charges_frame, items_figure, items_frame
from workbench.designs import Dual, Single, find_design
from workbench.designs.messages import EVER
from workbench.designs.skeleton import group_key
from workbench.errors import NotAParticipant
from workbench.reports.conformance import verdict_frame

# %% [markdown]
# ## A model in a file
#
# In a terminal, `workbench new my_design.py` writes a design that works for patterns A to E: two group items per conversation, no index. At each
# point where you have to decide something, a comment says so. [models/my_design.py](models/my_design.py) is such a file. Open it beside this
# lesson and read it from the top: keys, reads, writes, stream update. It is yours to change.

# %%
mine = find_design(f"{models}/my_design.py")
print(mine.summary)
dict(mine.unsupported)

# %% [markdown]
# What a design does not do, it has to say, with a reason. A gap that nobody mentions would be a fault.
#
# One decision was changed: pattern I, finding the conversation of two people, was "not written yet". The tempting way is to go through the
# inbox and look for the other one. But the file makes a conversation's UUID out of those of the two (`pair_uuid`), so the key is known:

# %%
print(getsource(mine.find_conversation))

# %% [markdown]
# ## What does it put into the table?
#
# Ada writes to Bo, Cy writes to Ada, Bo answers, and the records of the stream are handled.

# %%
stage = Stage(mine, endpoint=endpoint or None)
with_bo = stage.start(ADA, BO, "Hello Bo!")
stage.start(CY, ADA, "Lunch?")
stage.send(with_bo.seen_by_other(), "How are you?")
stage.settle()
items_frame(stage.snapshot())

# %%
items_figure(stage.snapshot())

# %% [markdown]
# An inbox is an item collection, as in `dual`. The time of the last reply is not in a key here, so an inbox lies in the order of UUIDs, and
# pattern B sorts it in code. One message in `dual` costs 9 WRU, 1 for the message and 8 for the group items. How many is it here?

# %%
predict("08.one_message", 9, "WRU", confidence=50, example=True)

# %%
with stage.watching() as usage:
    stage.send(with_bo, "Fine, and you?")
    stage.settle()
reveal("08.one_message", usage.estimated_wru)

# %%
charges_frame(usage)

# %% [markdown]
# A key that stays, and no index: each group item is changed in place, for one unit. Is that too good to be true?
#
# ## Does it keep its promises?
#
# Each pattern promises something: what is returned, to whom it is refused, when others see it. `workbench check my_design.py` draws random
# **programs**, in which users write and read, records come twice or late, the process dies between two requests. After each step everybody
# must see what a reference of plain dictionaries shows. Here ten programs are drawn for A to E, and ten with I.

# %%
checked = check_design(mine, stage.target, programs=programs, seed=seed)
verdict_frame({"designs": [checked.to_json()]})

# %% [markdown]
# *yes*: no program broke a promise; *-*: the design makes none. That is no proof. What a search is worth shows when something is wrong.
#
# ## A model that is wrong
#
# [models/late_wins.py](models/late_wins.py) is the same design with one line less. This is its stream update of one group item. What is missing?

# %%
late = find_design(f"{models}/late_wins.py")
print(getsource(late._show_last_message))

# %% [markdown]
# It works: you could send messages all day and see nothing wrong. How many steps must a program have at least to break a promise?

# %%
predict("08.steps", 6, "steps", confidence=50, example=True)

# %%
failure = smallest_failure(late, stage.target, programs=programs, seed=seed)
reveal("08.steps", len(failure.steps))

# %%
Markdown(failure_text(failure))

# %% [markdown]
# Bo starts a conversation with Di when his clock shows second 1, and writes once more when it shows 0, as after a clock was set back, or from his
# other phone. The message that is handled last is the older one, and this design shows it. The promise says: the **newest**. (`workbench check
# models/late_wins.py`, in the folder of the lessons, prints the same program.)
#
# 1. Mend it. Which condition must the update have? Write a `ConditionExpression`; there are the values `:text` and `:created_at`. Your answer is
#    put into the design, and programs are drawn.

# %% tags=["exercise"]
condition = ...  #| learner
condition = "last_reply_at < :created_at"  #| solution
check("08.mend", condition)

# %% [markdown]
# ## What does it cost beside others?
#
# Right and better are two questions. Here is one call of each pattern on a small table, in request units by rule:

# %%
units_frame([Dual, Single, mine], stage.target)

# %% [markdown]
# Nothing that it does is dearer than in `single`. `dual` has half an RRU less in C: it asks an index whether the sender takes part, and an index
# cannot be read strongly consistent. (A pattern that is not written costs nothing. Look at those rows before you praise a model.)
#
# So is it simply the best? In the table above Ada's inbox has two conversations. Let her have 100, and list the first page of 20. How many RRU?

# %%
predict("08.long_inbox", 0.5, "RRU", confidence=60, example=True)

# %%
sorted_in_code = inbox_rru(mine, 100, endpoint=endpoint or None)
reveal("08.long_inbox", sorted_in_code)

# %% [markdown]
# To show the newest 20, it reads all 100: only what has been read can be sorted. That is the price of keys that stay, and whoever opens the inbox
# pays it. The other decision is an index in the order of time, in [models/with_index.py](models/with_index.py):

# %%
indexed = find_design(f"{models}/with_index.py")
print(sorted_in_code, "RRU, with the index", inbox_rru(indexed, 100, endpoint=endpoint or None))
units_frame([mine, indexed], stage.target).loc[["E: stream update after a message"]]

# %% [markdown]
# The index reads one page, 1 RRU. But a message now moves two index entries, and each is deleted and put: 4 WRU more.
#
# 2. When does the index pay? A WRU costs five times what an RRU does, on demand. How many times must an inbox of 100 be opened **for each
#    message**, so that both cost the same?

# %% tags=["exercise"]
readings = ...  #| learner
readings = 4 * 5 / (3.5 - 1)  #| solution
check("08.pays", readings)

# %% [markdown]
# So neither is the better model. It is an answer about how long inboxes are and how often they are opened, and that belongs in the design's
# description.
#
# ## What can it not do?
#
# A card shows a design on one page, from what it was seen to do. Read the last two sections first: what it cannot do, and what a policy could
# guard.

# %%
collect_card(mine, stage.target, programs=0)

# %%
stage.close()

# %% [markdown]
# The stream update takes two requests: a crash in between leaves one inbox behind, until the record comes again. And only B and I name nothing but
# the caller's own keys; who reads messages needs `MSG#` keys, of which IAM cannot tell whose they are.
#
# ## Exercises
#
# 3. Somebody replaces `pair_uuid(sender, recipient)` by a random UUID, "as everybody does". Of which pattern, A to E, does that break the promise?
#    (A letter in quotes. The promises are in `workbench/messaging/access_patterns.py`.)

# %% tags=["exercise"]
letter = ...  #| learner
letter = "D"  #| solution
check("08.random_uuid", letter)

# %% [markdown]
# 4. For unread counts, the table has to keep up to when a user has read a conversation. Choose the key of the item with that mark. All marks of a
#    user should be read together, and a policy should be able to keep others away from them.

# %%
def mark_key(owner_uuid, group_uuid):
    return {"pk": "MSG#" + group_uuid, "sk": "READ"}  #| learner
    return {"pk": "INBOX#" + owner_uuid, "sk": "GROUP#" + group_uuid}  #| solution

# %% tags=["exercise"]
answer = ...  # mark_key, once you have chosen  #| learner
answer = mark_key  #| solution
check("08.mark_key", answer)

# %% [markdown]
# 5. Write pattern F for the design: `count_unread` and `mark_read`. The mark is an attribute `read_at` of the viewer's own group item,
#    `group_key(viewer's UUID, group UUID)`. Ready to use are `self._membership`, `self._raise_mark` and `self._count_messages_of_others`, in
#    `workbench/designs/messages.py`. Whoever takes no part is refused with `NotAParticipant`. Programs with F will be drawn.

# %%
def count_unread(self, conversation):
    return 0  #| learner
    viewer, group_uuid = conversation.viewer, conversation.group_uuid  #| solution
    read_at = self._membership(viewer, group_uuid).get("read_at", {"S": EVER})["S"]  #| solution
    return self._count_messages_of_others(group_uuid, viewer, read_at)  #| solution


def mark_read(self, conversation, read_at):
    pass  #| learner
    viewer, group_uuid = conversation.viewer, conversation.group_uuid  #| solution
    if not self._raise_mark(group_key(viewer.uuid, group_uuid), "read_at", read_at):  #| solution
        raise NotAParticipant(viewer.uuid, group_uuid)  #| solution

# %% tags=["exercise"]
answer = ...  # (count_unread, mark_read), once they are written  #| learner
answer = (count_unread, mark_read)  #| solution
check("08.unread", answer)

# %% [markdown]
# ## What we learned
#
# - Right and better are two questions; the first has an answer without any workload.
# - A design without its one condition works all day, and breaks in two steps.
# - Keys that stay are cheap to write and dear to sort. The answer flips with the length of an inbox and how often it is opened.
# - "Not supported, because ..." is a result.
#
# Now do it with your own file: `workbench new`, change one decision, then `workbench check`, `workbench card`, and
# `workbench compare --designs dual,single,my_design.py`, which measures on a log of messages.
#
# ## Known limits
#
# Ten programs take seconds and find what is plainly wrong; a hundred find more, and none is a proof. A design file is code: it runs with your
# rights.
