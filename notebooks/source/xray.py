# %% [markdown]
# # What happens when I send a message?
#
# Somebody writes "How are you?" and the other person sees it. In between lie items that are put and deleted, records on a stream, a function
# that is called, and a bill. This notebook looks through one message under two designs, `dual` and `single`; then you chat yourself, as
# ada and as bo, under any design, and watch.
#
# You need no more than lesson 00. It takes ten minutes.

# %% tags=["parameters"]
endpoint = ""  # a DynamoDB API on this machine; empty: the one that `make lab` or `workbench up` started
text = "How are you?"

# %%
from workbench.cards.scenario import ADA, BO
from workbench.course import predict, reveal
from workbench.course.xray.steps import XRay
from workbench.course.xray.panel import panel
from workbench.designs import Dual, Single

# %% [markdown]
# ## A first message
#
# Under `dual` a conversation of two has a message item for each text, and **two** group items: one in the inbox of each. Ada's first message
# makes all three. The index holds a copy of both group items, by which they are found again. `<ada>` stands for ada's UUID.

# %%
dual = XRay(Dual, endpoint=endpoint or None)
dual.send(ADA, "Hello Bo!").frame("changes")

# %% [markdown]
# ## Predict: bo answers
#
# The table has a **stream**: each item that is put, changed or deleted becomes a record on it. A record of a new message wakes a function, which
# updates the group items, so that both inboxes show the new text. Bo sends one message. How many stream records are there in the end?

# %%
predict("xray.records", 1, "records", confidence=80, example=True)

# %%
answer = dual.send(BO, text)
reveal("xray.records", len(answer.records))

# %%
answer.frame("records")

# %% [markdown]
# One record is the message. The other four are the function's own work: the time of the last message is part of a group item's key, and a key
# cannot be changed. So each of the two is put anew, and the old one deleted. These four are on the stream, too, and a filter keeps
# them from waking the function again.
#
# What that was in items, with the index's copies:

# %%
answer.frame("changes")

# %% [markdown]
# The requests, one after another. Whoever sends the message waits for two round trips; the five of the stream update come later, and nobody
# waits for them. The bill below them has a last row for all messages so far, here two: their units added up, and the price of a million such
# messages in the mean.

# %%
answer.frame("calls")

# %%
answer.frame("bill")

# %% [markdown]
# ## The same under `single`
#
# One group item for both, whose key never changes, and two indexes by which it is listed: one for each side. The same two messages:

# %%
single = XRay(Single, endpoint=endpoint or None)
single.send(ADA, "Hello Bo!")
same = single.send(BO, text)
same.frame("changes")

# %%
same.frame("records")

# %%
same.frame("bill")

# %% [markdown]
# Two records rather than five, 6 WRU rather than 9: so far the learner who asked "is that not redundant?" is right. Notice where the units
# went, though: the item in the table is changed once, and its two copies in the indexes are put anew *and* deleted, as those of `dual` were.
# And reading was not asked about yet: an inbox is one query under `dual`, and two under `single`.

# %%
dual.close()
single.close()

# %% [markdown]
# ## Chat yourself
#
# Write as ada or as bo, and press the button. Beside the chat you see what your message did: what was put (`+`), deleted (`−`) and changed (`~`), the
# records, the round trips, the bill. Another design begins anew, on a new table. Try an empty text, and a text of 1,000
# characters: where does its bill come from?

# %% tags=["nbval-ignore-output"]
panel(endpoint=endpoint or None)

# %% [markdown]
# ## What we learned
#
# - A message is one item; what it costs is mostly what has to follow it: group items, and their copies in indexes.
# - A key cannot be changed: where it holds a time, an update is a put and a delete, in the table and in each index.
# - The sender waits for the message alone. The stream update comes behind, and has a bill of its own.
#
# ## Known limits
#
# The bill is that of request units, on demand in us-east-1; storage, Lambda and reading the inbox are left out;
# [06_where_it_flips](06_where_it_flips.ipynb) has whole bills.
# The function is called at once here; on AWS it takes a fraction of a second.
