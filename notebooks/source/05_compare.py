# %% [markdown]
# # Two message groups per conversation, or one?
#
# A messaging app on DynamoDB shows each user an inbox: who wrote, the last text, when. A course builds it with **two** group items per
# conversation, one from each side (`dual`). A learner asks why not **one**, found by its UUID, with the other person's name shown by
# who is logged in (`single`). `workbench cost` and `workbench card` tell of other designs.
#
# This page reads one measured run: the same message log on a table of each design, its last messages sent by the design's real
# code, then every access pattern called. It measures nothing itself.

# %% tags=["parameters"]
run_file = "../data/compare.json"

# %%
from pathlib import Path

from IPython.display import Markdown

from workbench.capacity.prices import read_prices
from workbench.dynamodb.install import PROJECT_ROOT
from workbench.measurement.results import read_run
from workbench.reports.figures import pattern_figure
from workbench.reports.tables import (
    bullets, latency_frame, log_frame, marked_frame, message_frame, message_sentences, price_frame,
)
from workbench.units import format_mean

# %% tags=["lesson"]
from workbench.course import check, hint, predict, reveal

# %% [markdown]
# ## What is on the tables
#
# The log decides what the figures mean: long inboxes make reads dear, long texts make writes dear.

# %%
run = read_run(Path(run_file))
log_frame(run)

# %% [markdown]
# Three words for what follows. A **round trip** is one request and its answer. A write of up to 1 KB costs one **write request unit**
# (WRU); reading 4 KB costs half a **read request unit** (RRU), if it may be a moment old. An **index** (a global secondary index) is a
# copy of items under another key, which DynamoDB keeps up to date, and each change of the copy is charged as a write too.

# %% [markdown] tags=["lesson"]
# ## Predict first
#
# One message is sent in an existing conversation, and both inboxes must show it. `dual` keeps the time of the last reply in the key
# of its group items; `single` keeps it in an attribute by which two indexes are sorted. A key cannot be changed, only deleted and put
# again. The message itself costs 1 WRU. What does the whole cost in each design? Lessons 02 and 03 built both; put your own guesses here.

# %% tags=["lesson"]
predict("05.dual_message", 5, "WRU", confidence=60, example=True)

# %% tags=["lesson"]
predict("05.single_message", 2, "WRU", confidence=60, example=True)

# %% [markdown]
# ## One message

# %%
message_frame(run).map(format_mean)

# %% tags=["lesson"]
reveal("05.dual_message", message_frame(run).loc["dual", "WRU"])

# %% tags=["lesson"]
reveal("05.single_message", message_frame(run).loc["single", "WRU"])

# %% [markdown] tags=["lesson"]
# The guesses above forgot the indexes. By the rules, for items under 1 KB: `dual` pays 1 for the message, then 2 items x (delete + put) x
# (table + index) = 8. `single` pays 1 for the message, 1 for its item, then 2 indexes x (delete + put) = 4. Both read, too: who sends has
# to take part, and the stream update of `dual` has to find its items by the index.
#
# So the learner is right about writes: **two group items that each need an index cost more than one item with two**.

# %% [markdown]
# ## Every access pattern
#
# Means per call; request units are those of AWS's rules, worked out from the bytes of each item and index entry. Where DynamoDB Local
# reported others, these follow in brackets, and the end of this page says why: a run in which a difference has no known cause is
# refused. E is the stream update that follows a message C. F to J are what real apps add; a gap is a result.

# %% [markdown] tags=["lesson"]
# Before you look: listing an inbox of 20 entries is one query under `dual`. How many RRU does it take under `single`, if it takes 0.97
# under `dual`?

# %% tags=["lesson"]
predict("05.single_inbox", 0.97, "RRU", confidence=50, example=True)

# %%
marked_frame(run)

# %% tags=["lesson"]
reveal("05.single_inbox", run["designs"]["single"]["patterns"]["B"]["estimated_rru"])

# %% [markdown] tags=["lesson"]
# B is two queries under `single`, since a user is `a` in some conversations and `b` in others. Nobody knows beforehand which index holds
# the newest entries, so both are asked for a whole page: what does not fit the page that the user sees was read in vain. Its items are
# larger, too, as each names both users. That is the price of the cheaper write.
#
# H is dear in every design that copies names: a rename goes to each conversation of the user, and to each message that they sent there.

# %%
pattern_figure(run)

# %% [markdown]
# ## What it costs
#
# Prices of us-east-1, on demand, from `data/prices.csv`; only the request units, per million calls. A message is C and E together.

# %%
prices = read_prices(PROJECT_ROOT / "data" / "prices.csv")
price_frame(run, prices).map(format_mean)

# %% [markdown]
# ## How long it took
#
# Milliseconds of this machine's DynamoDB Local: compare them with each other, never with AWS.

# %%
latency_frame(run).map(format_mean)

# %% [markdown]
# Read this table after the round trips, which explain most of it: a call that makes more of them takes longer. It has no noise floor,
# because no design was run against itself: where the slower median is less than one and a half times the faster one, or the
# quartiles of two designs overlap, this run does not tell them apart. [14_is_it_faster](14_is_it_faster.ipynb) does it properly.

# %% [markdown]
# ## What this run does not show

# %%
Markdown(bullets(run["not_shown"]))

# %% [markdown]
# And why reports differ from the rules in it, as far as they do:

# %%
Markdown(bullets(run["known_errors"]))

# %% [markdown] tags=["lesson"]
# ## Exercises
#
# 1. A million messages and their stream updates: how many USD more does `dual` cost than `single`, in request units alone? The table of
#    prices has the parts. (To the cent.)

# %% tags=["lesson", "exercise"]
answer = ...  #| learner
answer = (price_frame(run, prices)["dual"] - price_frame(run, prices)["single"]).iloc[[2, 4]].sum()  #| solution
check("05.dearer_message", answer)

# %% [markdown] tags=["lesson"]
# 2. `dual` saves something at each look at an inbox. At how many looks for each message do both cost the same? More of them make `dual` the
#    cheaper one. The request units of B, C and E alone decide it here. (To one decimal.)

# %% tags=["lesson", "exercise"]
answer = ...  #| learner
usd = price_frame(run, prices)  #| solution
more = usd["dual"] - usd["single"]  #| solution
answer = more.iloc[[2, 4]].sum() / -more.iloc[1]  #| solution
check("05.break_even", answer)

# %% [markdown] tags=["lesson"]
# 3. One access pattern costs more request units than all others together, under both designs, and no user calls it every day. Which letter?

# %% tags=["lesson", "exercise"]
answer = ...  #| learner
answer = "H"  #| solution
check("05.dearest", answer)

# %% [markdown] tags=["lesson"]
# 4. For which of A to E does the table of times let you say that `single` is faster than `dual`? A word with the letters in order, or "none".

# %% tags=["lesson", "exercise"]
answer = ...  #| learner
answer = "E"  #| solution
check("05.faster", answer)

# %% [markdown]
# ## What we learned

# %%
Markdown(bullets(message_sentences(run)))

# %% [markdown] tags=["lesson"]
# Neither design is wrong. `single` saves 3 WRU on every message, `dual` saves a query on every look at an inbox: which one is cheaper
# depends on how often inboxes are read for each message sent, and how long they are. [06_where_it_flips](06_where_it_flips.ipynb) works
# out where.
#
# `workbench compare --designs dual,single,pointer` makes this page for any designs, on any log, without the questions.
