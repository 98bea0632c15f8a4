# %% [markdown]
# # Is one faster?
#
# Milliseconds look like the plainest figures of all, and mislead more easily than any other. This notebook first measures servers whose
# behaviour is known, because we made them, and only then two designs: `dual` and `single`. Round trips, request units, items and bytes come
# first; they are the same on every machine. Milliseconds are those of DynamoDB Local on one machine: good for comparing with each other,
# and no latency of AWS.
#
# Nothing below needs a server. The recorded run took about seven minutes; make your own with `workbench latency --out mine.json`.

# %% tags=["parameters"]
latency_file = "../data/latency.json"
growth_file = "../data/growth.json"
published_file = "../data/published_latency.csv"

# %%
from pathlib import Path

import numpy
import pandas
from workbench.course import check, hint, predict, reveal
from workbench.growth.results import read_growth
from workbench.latency.findings import findings
from workbench.latency.fakes import ask_fake, hundred_answers
from workbench.latency.results import read_latency
from workbench.latency.sending import schedule_fault
from workbench.reports.growth import curves, growth_figure, growth_frame
from workbench.reports.latency import client_sentence, count_frame, service_frame, times_frame
from workbench.reports.latency import verdict_figure, verdict_frame, warm_up_figure

# %% [markdown]
# Times are told by four figures: what half of the requests stay below, what 95 and 99 of 100 do, and the longest.

# %%
def percentiles(milliseconds):
    return [round(float(numpy.percentile(milliseconds, each)), 1) for each in (50, 95, 99, 100)]


# %% [markdown]
# ## A stall, and where it hides
#
# A server answers in 1 ms, always, but once it stops for 200 ms: a pause for garbage, a lock, a network that hiccups. A hundred users a
# second ask it, at times of their own. Of 1,000 requests, how many wait more than 10 ms?

# %%
predict("14.waiting", 1, "requests", confidence=70, example=True)

# %%
stalled = ask_fake(lambda: 1.0, requests=1_000, per_second=100, seed=7, stalls_ms={500: 200})

pandas.DataFrame(
    {
        "from the actual send (service)": [*percentiles(stalled.service_ms), (stalled.service_ms > 10).sum()],
        "from the intended send (response)": [*percentiles(stalled.response_ms), (stalled.response_ms > 10).sum()],
    },
    index=["p50", "p95", "p99", "longest", "over 10 ms"],
)

# %%
reveal("14.waiting", int((stalled.response_ms > 10).sum()))

# %% [markdown]
# One request *took* 200 ms, but everybody who came during it waited. A tool that starts its clock when a request is at last sent, inside a
# pool's worker, sees the first column: it leaves out the very wait that it is there to measure. Here the time of each send is fixed beforehand and
# the wait is counted from it.
#
# ## When a number must not be shown
#
# The same server, slower: 12 ms for each request, and still a hundred users a second.

# %%
overloaded = ask_fake(lambda: 12.0, requests=1_000, per_second=100, seed=7)

print(percentiles(overloaded.response_ms))
print(schedule_fault(overloaded.busy, overloaded.lateness))

# %% [markdown]
# Twice as many requests would have made these percentiles twice as large. They describe how long we measured, not the server, so they are
# refused.
#
# ## Two servers that are equal
#
# A machine is never as fast as it was a moment ago. Below, two servers are **equal**, each block of 60 requests is faster or slower by some
# 5%, as on a quiet machine, and each comparison has 24 blocks. How often, of 100 comparisons, is one called faster? And a server that takes 10%
# longer: how many blocks does it take to find that out?

# %%
pandas.DataFrame(
    {
        f"{ratio:.2f} times as long, {rounds} blocks": hundred_answers(ratio, rounds=rounds)
        for ratio, rounds in ((1.0, 24), (1.02, 24), (1.1, 6), (1.1, 12), (1.1, 24), (1.1, 48))
    }
).T.fillna(0).astype(int)

# %% [markdown]
# "Not distinguishable" is the third answer beside faster and slower. It is given unless the whole interval of the ratio is beyond the **noise
# floor**: how far the first server differs from *itself*, measured in the same way under another name. A tool without such a floor reports a
# winner every time. One that asks of the ratio alone whether it is beyond it says something else when it is run again.
#
# ## `dual` and `single`: what they use

# %%
run = read_latency([Path(latency_file)])
count_frame(run)

# %% [markdown]
# Predict from this table alone: in which patterns is `single` faster than `dual`, in which slower, and where can nobody tell?
# A is two requests in both. B is one query against two. E is five requests against one. Write the letters where `single` is faster.

# %%
predict("14.faster", "E", confidence=60, example=True)

# %% [markdown]
#
# ## Java warms up
#
# The first calls after a server's start take two to three times as long as later ones, until Java has compiled what it runs. They are no
# samples.

# %%
warm_up_figure(run)

# %% [markdown]
# ## Times
#
# Every block has a new table in a new database, filled with the same messages; designs take turns of ten calls in random order, on several server starts.

# %%
times_frame(run)

# %%
print(client_sentence(run["client"]))

# %% [markdown]
# A 99th percentile of so few samples would be the luck of a handful of calls: it is withheld.
#
# ## Verdicts

# %%
verdict_figure(run)

# %%
verdict_frame(run)

# %%
verdicts = [each for each in findings(run) if each.statistic == "median" and each.verdict]
reveal("14.faster", "".join(each.pattern for each in verdicts if each.verdict.answer == "faster"))

# %% [markdown]
# Compare with your prediction. Where the round trips differ, the verdict follows them: that is why their table came first. Where they do not (A,
# C), it is within the noise of this run; there `dual` finds out by a query of its index who takes part, `single` by
# getting an item.
#
# ## And on AWS?
#
# Not measured. What can be had is an estimate from published percentiles of *writes*, added up by drawing: requests of a call follow one
# another, so their times add. Nobody has published percentiles of Query and GetItem that we could find; reads are counted and left out.

# %%
service_frame(run, Path(published_file))

# %% [markdown]
# ## What grows?
#
# A model promises more than speed today: that a page stays as quick as the table fills, as an inbox gets longer, and as a conversation does. One
# table per design was filled tenfold again and again, a page of 20 read at each size. How many of the six designs keep that
# promise for the inbox?

# %%
predict("14.flat_inboxes", 6, "designs", confidence=60, example=True)

# %%
growth = read_growth(Path(growth_file))
growth_figure(growth)

# %%
growth_frame(growth)

# %%
growing = {curve.design for curve in curves(growth) if curve.pattern == "B" and not curve.is_flat}
reveal("14.flat_inboxes", 6 - len(growing))

# %% [markdown]
# An exponent of 0 is flat, one of 1 grows in proportion. What is flat in request units is flat in time, and what is not is not: `pointer` and
# `dual_sorted` read a whole inbox to show a page of it. That is cheap while inboxes are short, which
# [06_where_it_flips.ipynb](06_where_it_flips.ipynb) works out, and the reason why it does not stay so.

# %% [markdown]
# ## Exercises
#
# 1. A server stands still for 0.3 seconds, once. Forty users a second ask it, at times of their own. About how many of them wait?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 0.3 * 40  #| solution
check("14.stalled", answer)

# %% [markdown]
# 2. A run has 720 samples of a pattern. Is its 99th percentile "shown" or "withheld"?

# %% tags=["exercise"]
answer = ...  #| learner
answer = "withheld"  #| solution
check("14.p99", answer)

# %% [markdown]
# 3. A server takes 10% longer. How many blocks find that out in at least 90 of 100 comparisons?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 48  #| solution
check("14.blocks", answer)

# %% [markdown]
# ## What we learned
#
# - A wait begins when a request was meant to be sent. A clock that starts later hides a stall from all who stood in its way.
# - A difference counts where it is beyond what a design differs from itself. "Not distinguishable" is an answer.
# - Where round trips differ, times follow. Count first, then measure.

# %% [markdown]
# ## Not shown by this run
#
# Requests of many users at once, other rates, other logs, longer inboxes; throttling, and indexes and streams that lag. The stream update's
# wait for its record is not in E: `workbench bursts` measures it.
