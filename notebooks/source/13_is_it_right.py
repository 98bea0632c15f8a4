# %% [markdown]
# # Is a model right, and what would it take to know?
#
# Two people draw two models of the same application. Which is *better* depends on the workload. Which is *right* does not: the application
# either gets what it was promised, or it does not. This notebook makes that judgement mechanical. It states the application as a contract,
# shows which design keeps which promise and on what that verdict rests, how a broken promise looks, and then each design on one page.
#
# Everything shown was recorded by `workbench check` and `workbench card` on DynamoDB Local. Nothing needs a server. It takes half an hour.

# %% tags=["parameters"]
verdicts_file = "../data/conformance.json"
faults_file = "../data/faults.json"
cards_folder = "../data/cards"

# %%
from inspect import getsource
from pathlib import Path

import pandas
from IPython.display import Code, Markdown

from workbench.conformance.reference import Reference
from workbench.course import check, hint, predict, reveal
from workbench.messaging.access_patterns import ACCESS_PATTERNS, AccessPatterns
from workbench.reports.conformance import read_verdicts, rest_frame, verdict_frame
from workbench.reports.lessons import outcome_text, program_text, read_lessons

pandas.options.display.max_colwidth = None

# %% [markdown]
# ## The application as a contract
#
# Five access patterns came from the modelling session. Five more are what real apps add, and what tells models apart:

# %%
pandas.Series(ACCESS_PATTERNS, name="access pattern").to_frame()

# %% [markdown]
# A letter is not a promise yet. The promise says what is returned, to whom it is refused, and *when* others see it. Some of it holds as soon as
# the call has returned; an inbox may lag until the stream has been handled; and some things may never be seen, not even for a moment.

# %%
print(AccessPatterns.hide_conversation.__doc__)

# %% [markdown]
# "Until a message is later than this": not "until the next message". The difference shows only when a message and the hiding cross each other,
# which on a stream they do every day.
#
# ## Something obviously right
#
# To hold a design to that, one needs something that is right beyond doubt. It need not be fast, and it need not be stored: plain dictionaries,
# every rule in a line or two. Here is all of the unread count. Read it. **Could it be wrong?**

# %%
Code(getsource(Reference.unread), language="python")

# %% [markdown]
# Now two state machines run side by side: this one, and a design on a real table. Programs are drawn at random. After every step, what everybody
# reads must agree; after the stream has been handled, so must the inboxes. Meanwhile the process dies before or after a request, is throttled,
# is overtaken by somebody else's whole step in the middle of its own, is handed records again, late and backwards, and asks an index that lags.
#
# ## The verdicts
#
# Six designs on DynamoDB, and normalised tables in SQLite as the baseline. Before you look: which of them cannot have
# groups of three, and why? Think of where each keeps what belongs to *one* participant.

# %%
predict("13.no_groups", "single", confidence=70, example=True)

# %%
verdicts = read_verdicts(Path(verdicts_file))
verdict_frame(verdicts)

# %%
without = [each["design"] for each in verdicts["designs"] if "J" in each["unsupported"]]
reveal("13.no_groups", " and ".join(without))

# %% [markdown]
# *yes* is a promise that no program broke, *-* one that the design does not make. There is no silent gap: what a design leaves out it has to say,
# and with which reason.

# %%
{each["design"]: each["unsupported"] for each in verdicts["designs"] if each["unsupported"]}

# %% [markdown]
# `single` has two places in its one group item, so a third person has nowhere to go. The reason of `dual` is of another kind: it *has* room, and
# groups that never change are no trouble. But its stream update puts a new item before it deletes the old one, and cannot know that a person
# left between its reading and its writing. A design may well store something that it cannot keep right.
#
# On what do the verdicts rest?

# %%
rest_frame(verdicts)

# %% [markdown]
# States are different ones: the same conversations, messages, marks and place in the stream count once. SQLite has no faults to be injected: one
# process, one file, no stream. That is not a virtue of the model, but of a database on one machine with one client.
#
# None of this is a proof. It is what would have to go wrong in ways that nobody drew.
#
# ## A promise that breaks
#
# What if it does? The machine makes the program small, by leaving out whatever it can do without, and prints it. This one is from the course's
# own handler, with one fault alone; `deliver(count=0)` hands over all records that there are, as one batch. Why would an inbox be wrong
# after it?

# %%
lessons = read_lessons(Path(faults_file))
Markdown(program_text(lessons[1]))

# %%
Markdown(outcome_text(lessons[1]))

# %% [markdown]
# Ten designs of ours that were broken on purpose, by one line each, are kept as tests: a membership check left out, a cursor that skips one, an
# unread count that includes one's own messages. The machine has to find each of them. A check that finds nothing wrong with a wrong design is
# worth nothing.
#
# ## A design on one page
#
# `workbench card` puts a design to work and writes down what it was seen to do. Before you read on: how many requests will `pointer` make to list
# an inbox, and which of them reads more than it shows?

# %%
Markdown((Path(cards_folder) / "pointer.md").read_text())

# %% [markdown]
# A query for the memberships, a batch for the group items, and all of both, however short the page: that is what a stream update of one write
# unit costs whoever reads. The last section is about rights: only what lies under a partition key with the caller's own UUID can be guarded by IAM.
#
# The same for `single`, where one item belongs to two people:

# %%
Markdown((Path(cards_folder) / "single.md").read_text())

# %% [markdown]
# What one of the two has read or hidden is written to both copies in the indexes as well, and none of its keys is one person's own.

# %% [markdown]
# ## Exercises
#
# 1. "Not supported, because ..." is a result. How many of the ten access patterns does `dual` support?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 9  #| solution
check("13.supported", answer)

# %% [markdown]
# 2. A group of ten under `single`, if one built it: ten places in the one group item, and an index for each. What would its stream update cost for
#    one message, in WRU, with items below 1 KB?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 1 + 10 * 2  #| solution
check("13.ten_places", answer)

# %% [markdown]
# 3. The stream update of `dual` is between its put and its delete when ada marks the conversation as read. Two items stand for it then. Which one
#    does her mark go to, if the index shows both: the "older" or the "newer"?

# %% tags=["exercise"]
answer = ...  #| learner
answer = "newer"  #| solution
check("13.which_item", answer)

# %% [markdown]
# ## What we learned
#
# - Right and better are two questions. The first has an answer without any workload.
# - A contract says when others see a change, and what nobody may ever see. "Eventually" alone is no promise.
# - A model that is obviously right fits on three pages, if it may be slow and forgetful.
# - "Not supported, because ..." is a result. A gap that nobody mentions is a fault.
#
# [08_your_own_model](08_your_own_model.ipynb) puts a model of yours through the same.

# %% [markdown]
# ## Known limits
#
# - Consistency of reads is not drawn: DynamoDB Local reads are always strong, but for the index lag that the machine itself brings about.
# - Names in conversations that a user has left may be old, and what a newcomer sees of messages from before is left open by the contract.
# - One process at a time, interleaved request by request: two that run truly at once are tried elsewhere.
