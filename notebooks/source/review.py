# %% [markdown]
# # A design review
#
# What a team reads before it commits to keys: designs against the one that is in use, on a workload, with every figure from a run or a rule.
# `workbench review` makes this page from its own run; here it reads a recorded one.

# %% tags=["parameters"]
review_file = "../data/review.json"

# %%
from pathlib import Path

import pandas
from IPython.display import HTML, Markdown

from workbench.reports.tables import bullets
from workbench.review import page
from workbench.review.running import read_review

# %%
pandas.options.display.max_colwidth = None
review = read_review(Path(review_file))
designs = ", ".join(review.proposed)
Markdown(
    f"**{designs}** against **{review.baseline}**, on {review.plan['log']['messages']:,} messages of {review.plan['log']['name']}"
)

# %% [markdown]
# ## The verdict

# %%
Markdown(page.verdict_text(review))

# %%
Markdown(page.gate_text(review))

# %%
page.gate_frame(review)

# %% [markdown]
# ## The workload
#
# What all USD below are for; lists as their means.

# %%
page.workload_frame(review)

# %%
Markdown(page.ASSUMED)

# %% [markdown]
# ## What differs
#
# Keys, indexes and kinds of items that the baseline has and the other has not (-), and the other way round (+). `workbench card` shows each on a
# page.

# %%
Markdown(page.why_not(review, "cards"))

# %%
page.difference_frame(review)

# %% [markdown]
# ## What each access pattern takes
#
# Means per call on the log: round trips, then request units by AWS's rules. E follows each message C, by the stream.

# %%
Markdown(page.why_not(review, "patterns"))

# %%
page.pattern_frame(review)

# %% [markdown]
# How much longer a call takes than under the baseline, on this machine's DynamoDB Local: ratios of medians and of 95th percentiles, of a few
# short blocks. What is within the noise, how far the baseline differs from itself, is no difference.

# %% tags=["nbval-ignore-output"]
page.latency_frame(review)

# %% [markdown]
# ## What a month costs
#
# USD a month by AWS's list prices, with requests, indexes, storage and the function on the stream.

# %%
Markdown(page.why_not(review, "bill"))

# %%
page.bill_frame(review)

# %%
HTML(page.slider_html(review))

# %% [markdown]
# The lines of the bill, at the largest of these scales:

# %%
page.line_frame(review)

# %% [markdown]
# ## Where the answer flips
#
# All else as in the workload: at which value of one parameter does another design become the cheapest? A parameter without a row does not
# change the answer. Reads are for each message after the first of a conversation. `participants` prices groups that are started once and never
# change: whether people may be added and leave is J below, and a design without it is no answer there, however cheap.

# %%
page.flip_frame(review)

# %% [markdown]
# ## Is it right?
#
# Programs are drawn at random and held against a reference. Some draw a fault: a process dies, is throttled or overtaken, or an index lags;
# which were drawn is in the second table, and **a 0 there was not tried** (`--programs` draws more). *yes*: no promise broke; *NO*: one did;
# *-*: not supported; *?*: not tried.

# %%
Markdown(page.why_not(review, "conformance"))

# %%
page.conformance_frame(review)

# %%
Markdown(page.failure_text(review))

# %% [markdown]
# Faults injected meanwhile, and survived where no promise broke:

# %%
page.fault_frame(review)

# %% [markdown]
# ## Who can read what
#
# Under the least policy that lets the application work: what IAM refuses by itself, and where only code stands between a caller and an item.
# *only code*: IAM lets the read through; *-*: nobody can leave.

# %%
Markdown(page.why_not(review, "rights"))

# %%
page.rights_frame(review)

# %% [markdown]
# ## How cost grows
#
# Exponents of lines of the bill: 0 is flat, 1 in proportion; one straight line over 1 to 400 conversations, 2 to 20 participants, 10 to 1,024
# bytes, derived from growth that was traced on small tables. A page of the inbox ends at its size, so most designs grow up to there and are
# flat beyond; the exponent lies between, and tells which is larger.

# %%
page.growth_frame(review)

# %% [markdown]
# ## What this review did not show

# %%
Markdown(bullets(page.not_shown(review)))

# %% [markdown]
# ## Where each section comes from

# %%
Markdown(page.again(review))

# %% [markdown]
# repeats this page, with the same figures but for the times. In more detail:

# %%
page.run_frame(review)

# %%
Markdown("\n".join(f"- {name}: {found}" for name, found in review.plan["versions"].items()))
