# %% [markdown]
# # Where does the answer flip?
#
# [05_compare](05_compare.ipynb) shows what one call costs under each design. What a month costs depends on how often each call is made, on how much
# data: the cheapest design for one app is not the cheapest for another. This notebook works out the bill of a workload, finds the points
# at which another design becomes the cheapest, and lets you look for them with sliders.
#
# Nothing here is typed in per design. Each design was *traced*: called on small tables while inboxes, conversations and groups grew.
# From the requests and items seen there the costs are derived, by AWS's rules and the prices in `data/prices.csv`.

# %% tags=["parameters"]
traces_file = "../data/traces.json"
prices_file = "../data/prices.csv"
workload_file = ""  # a TOML file, such as `workbench data --workload` writes; empty: the example below
region = "us-east-1"

# %%
from dataclasses import replace
from pathlib import Path

from IPython.display import Markdown
from workbench.capacity.assumptions import Assumptions
from workbench.capacity.prices import read_prices
from workbench.costs.bills import total
from workbench.costs.flips import AXES, Costs, flip_map, flips_along
from workbench.costs.storage import read_traces
from workbench.course import check, hint, predict, reveal
from workbench.messaging.workload import Workload, read_workload
from workbench.reports.bills import bill_figure, bill_frame, cost_report, flip_frame
from workbench.reports.bills import map_figure, map_sentences, prediction_frame
from workbench.reports.explorer import explorer
from workbench.reports.tables import bullets

# %% [markdown]
# ## The workload
#
# A workload says how many users do what, how often, on how much data. Lists are equally likely values, so that a few long inboxes can
# stand beside many short ones. To try another, write for instance `Workload(participants=5, text_bytes=(300,))` below, and run the notebook
# again.

# %%
workload = read_workload(Path(workload_file)) if workload_file else Workload()
print(workload.to_toml())

# %% [markdown]
# ## Six designs
#
# Two you know, the other four are answers to what these two cost:
#
# - `dual`: two group items with the time in their key, and an index to find them by;
# - `single`: one group item, and two indexes to list it by;
# - `dual_fixed`: two whose keys never change, and an index to list them by time;
# - `dual_sorted`: the same two and no index at all; the client reads the whole inbox and sorts it;
# - `pointer`: one, and for each participant an item that points to it; the client fetches all that they point to;
# - `multikey`: two under the conversation's key, and one index to list them by.

# %% [markdown]
# ## Predict first
#
# A month's bill has lines for reads and writes by access pattern (A show messages, B list the inbox, C send, D first message, E stream
# update), for the upkeep of indexes, for storage and for the Lambda function. For the workload above: which line is the largest under
# `dual`? And which of the six is the cheapest? Lines are named "B reads", "E table writes" and so
# on, "index upkeep", "storage" and "lambda".

# %%
predict("06.largest_line", "storage", confidence=50, example=True)

# %%
predict("06.cheapest", "single", confidence=60, example=True)

# %%
traces = read_traces(Path(traces_file))
costs = Costs(traces.models, read_prices(Path(prices_file)), region, Assumptions())
report = cost_report(costs, [workload])
bill_frame(report).map("{:,.2f}".format)

# %%
lines = bill_frame(report)["dual"].drop("total")
reveal("06.largest_line", lines.idxmax())

# %%
reveal("06.cheapest", bill_frame(report).loc["total"].idxmin())

# %%
bill_figure(report)

# %%
Markdown(bullets(report["verdict"]))

# %% [markdown]
# Read the bars from below: reads, then writes to the table, then what the indexes cost, then storage. A copy kept for reading is paid
# for at each write. Under `dual` the upkeep of the index and the table's writes of E are the same sum, but for first messages (D): each put and
# delete of a group item has its twin, as lesson 02 counted. `dual_sorted` is the cheapest here because it has no index to keep up, and
# inboxes are short enough to be read whole. `pointer` writes least of all, and reads the most.

# %% [markdown]
# ## How far can the figures be trusted?
#
# The growth was fitted to traces with texts of two sizes and conversations of up to six people. Then it was asked for places of which it
# knew nothing, some beyond everything traced, and the same calls were made there on fresh tables. The largest error of each design, and the
# derived and measured units of A to E at the last place of each:

# %%
prediction_frame(traces.predictions).groupby(level=0).agg(
    {"largest error": "max", "RRU derived": "last", "RRU measured": "last",
     "WRU derived": "last", "WRU measured": "last"}
).map("{:g}".format)

# %% [markdown]
# A model that is right at the places it was fitted to shows little; one that is right at others shows that the calls grow as it says.
# At those places all texts and names have one length, and the reader started half of the conversations. A real log varies: on the one in
# `data/`, derived and measured units differ by up to 6%. And no place tells of a call that changes its nature further out, such as a page
# that reaches 1 MB.
#
# ## Break-even points
#
# All else as in the workload: where does another design become the cheapest? First among all that were traced.

# %%
flip_frame(report)

# %% [markdown]
# And the question of the course, `dual` or `single`?

# %%
two = replace(costs, models=traces.choose(["dual", "single"]))
two_report = cost_report(two, [workload])
flip_frame(two_report)

# %% [markdown]
# A parameter without a row does not change the answer anywhere in its range. With texts of one length there are more flips, and they come
# from rounding: a write is charged by the KB begun and a page by the 4 KB, so a design whose items are a little larger pays the next unit a
# little earlier. Texts of many lengths blur that.
#
# ## Maps
#
# Two parameters at once. The colour says which design is the cheapest, and how pale it is how little that matters; the cross is the
# workload.

# %%
two_map = flip_map(two, workload, AXES["reads_per_message"], AXES["text_bytes"])
map_figure(two_map, workload)

# %%
Markdown(bullets(map_sentences(two_map)))

# %%
all_map = flip_map(costs, workload, AXES["reads_per_message"], AXES["inbox_length"])
map_figure(all_map, workload)

# %%
Markdown(bullets(map_sentences(all_map)))

# %% [markdown]
# The pale blue at the right edge is `dual`: it is so pale because there it saves next to nothing.
#
# ## Look for yourself
#
# Move a slider: the bill, the map and the sentence follow. Try to make each design the cheapest. For `dual` it takes thirty inbox reads for each
# message and more, or texts of a certain length (exercise 3); for `single`, inboxes of a hundred conversations and more; for `dual_fixed` we found
# no workload. Sliders need a running kernel: `make lab`.

# %% tags=["nbval-ignore-output"]
explorer(costs, workload)

# %% [markdown]
# ## What is assumed
#
# Every bill takes some things for granted. These can be changed in the call of `Assumptions()` above.

# %%
Markdown(bullets(costs.assumptions.lines()))

# %% [markdown]
# ## Exercises
#
# 1. With the workload as it stands, above how many inbox reads for each message is `dual` cheaper than `single`? To one decimal. (The first
#    map shows whether the length of texts moves that point: follow the edge between the colours upwards.)

# %% tags=["exercise"]
answer = ...  #| learner
[flip] = flips_along(two, workload, AXES["reads_per_message"])  #| solution
answer = flip.position  #| solution
check("06.break_even", answer)

# %% [markdown]
# 2. Which design is the cheapest for conversations of ten people? Look at the line of the bill that decides it.

# %% tags=["exercise"]
answer = ...  #| learner
bills = costs.bills(replace(workload, participants=10))  #| solution
answer = min(bills, key=lambda name: total(bills[name]))  #| solution
check("06.ten_people", answer)

# %% [markdown]
# 3. Take texts of one length, such as `Workload(text_bytes=(500,))`, and inboxes that are read ten times for each message. There are texts
#    so long that `dual` beats all others. How many bytes? (Any such length. `explorer(costs, Workload(text_bytes=(500,)))` in a cell of its own
#    has sliders for texts of one length; those above stretch all eight lengths of the workload.)

# %% tags=["exercise"]
answer = ...  #| learner
answer = 770  #| solution
check("06.text_length", answer)

# %% [markdown]
# ## What we learned
#
# The cheapest design depends on the workload, and the bill says on which line of it. An index is a second copy, paid for at each write; a
# query saved is worth it only where inboxes are read often.
#
# Next: [07_permissions](07_permissions.ipynb), who may do what.

# %% [markdown]
# ## Known limits
#
# Storage is that of a table which has grown for `months_stored`; time to live is not modelled. Who starts a conversation is taken to be
# even: a reader who starts all of theirs finds one of `single`'s indexes empty. People leaving a group are not modelled. What caches save, what transactions conflict
# and what throttling costs is not in the bill. Prices are those of the day in `data/prices.csv`; a region without one is refused.
