# %% [markdown]
# # What would a DAX cluster change?
#
# DAX is a cache that stands between an application and DynamoDB, and speaks the same API. Inboxes are read far more often than written:
# does a cache make the choice of a model needless, and what do readers see then?
#
# There is no local DAX. What answers here is a **model** of the rules that AWS's documentation states, in front of a real table on
# DynamoDB Local. Each rule has its source and its test in `workbench/dax/`. You see two caches at work, an inbox that is out of date, a
# sender who is locked out, a role that may only read, and when it pays. About 35 minutes.

# %% tags=["parameters"]
endpoint = ""  # a DynamoDB API on this machine; empty: the one that `make lab` or `workbench up` started
dax_endpoint = ""  # of a real cluster, as in daxs://...; then its table is on AWS, in aws_region. Never tested
aws_region = ""  # only with dax_endpoint; costs money
run_file = "../data/dax.json"
prices_file = "../data/prices.csv"

# %%
from pathlib import Path

from botocore.exceptions import ClientError
from IPython.display import Markdown
from workbench.capacity.prices import read_prices
from workbench.cards.scenario import ADA, BO, CY, DI
from workbench.course import Stage, calibration_frame, check, hint, predict, reveal
from workbench.course.caching import Cached
from workbench.dax.roles import policy_of
from workbench.dax.trial import read_dax
from workbench.designs.dual import Dual, inbox_partition
from workbench.errors import MessagingFault
from workbench.reports.dax import Nodes, cells_of, dax_figure, dax_frame, map_frame, stale_share
from workbench.reports.tables import bullets

# %% [markdown]
# ## Two caches
#
# A cluster has an **item cache** for GetItem and BatchGetItem, with items by their primary key, and a **query cache** for Query and Scan, with
# whole answers by their whole request. What is not there is asked of the table, and kept for five minutes unless set otherwise: its *time to
# live*, or TTL. `cached.design` is the design `dual` once more, with the cluster for a client. Not a line of it is changed.

# %%
stage = Stage(Dual, endpoint=endpoint or None, aws_region=aws_region or None)
cached = Cached(stage, dax_endpoint)
ada_and_bo = stage.start(ADA, BO, "Hello Bo!")
_ = stage.settle()  # the stream update is done

# %% [markdown]
# Bo opens his inbox three times in a row, through DAX. Under `dual` an inbox is one Query. How many requests reach the table?

# %%
predict("09.three_looks", 3, "requests", confidence=40, example=True)

# %%
with stage.watching() as usage:
    for _ in range(3):
        cached.design.list_conversations(BO)
reveal("09.three_looks", usage.round_trips)

# %%
cached.counts_frame()

# %% [markdown]
# One. The second and third were **hits**: no request, no request units, and on AWS an answer in microseconds.
#
# ## A message arrives
#
# A hundred seconds later Ada writes again. The table is up to date: the stream update is done, and Bo's group item shows the new text. Then Bo
# opens his inbox through DAX, and looks again every ten seconds. For how many seconds does he not see the message?

# %%
predict("09.not_shown", 1, "seconds", confidence=60, example=True)

# %%
cached.wait(100)
stage.send(ada_and_bo, "Are you there?")
stage.settle()
cached.inbox_frame(BO)

# %%
reveal("09.not_shown", cached.seconds_until_shown(BO, "Are you there?"))

# %% [markdown]
# Two hundred seconds, and no error anywhere. *Eventually consistent* reads of DynamoDB are usually right within seconds; this is something
# else. **No write touches the query cache.** An answer stays until its TTL is over. Bo's was kept a hundred seconds before the message, so two
# hundred were left. Had Ada written through DAX, it would be the same.
#
# ## What writes do touch
#
# The item cache. A write through DAX goes to the table first, and if that succeeds, into the item cache. Here Bo's group item is read by key and
# by Query, then changed through DAX. Which of the two shows the change at once: "item", "query" or "both"?

# %%
entry = next(each for each in stage.snapshot().held[None] if each["pk"]["S"] == inbox_partition(BO.uuid))
place = {"TableName": stage.table_name, "Key": {"pk": entry["pk"], "sk": entry["sk"]}}
question = {
    "TableName": stage.table_name, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": entry["pk"]}
}
before = cached.dax.get_item(**place), cached.dax.query(**question)
response = cached.dax.update_item(
    **place, UpdateExpression="SET message = :text", ExpressionAttributeValues={":text": {"S": "changed"}}
)

# %%
predict("09.written_through", "both", confidence=50, example=True)

# %%
by_key = cached.dax.get_item(**place)["Item"]["message"]["S"] == "changed"
by_query = any(each["message"]["S"] == "changed" for each in cached.dax.query(**question)["Items"])
shown = "both" if by_key and by_query else "item" if by_key else "query" if by_query else "none"
reveal("09.written_through", shown)

# %% [markdown]
# The item cache, alone. So a model that reads **by key** stays right behind DAX if all who write go through it. One that reads by Query, or
# through an index, which is always a Query, is out of date for as long as its TTL. Both of our inboxes, of `dual` and `single`, are queries.
#
# A write that goes around DAX changes neither cache: then reads by key are out of date as well, until their TTL. A Lambda function with
# boto3's own client writes so.
#
# ## A sender is locked out
#
# Now all of the application goes through DAX. Cy writes Di for the first time, and five seconds later once more. What does the second call
# give: "sent", or the name of an error?

# %%
predict("09.second_message", "sent", confidence=80, example=True)

# %%
cy_and_di = cached.design.start_conversation(CY, DI, "Hi Di!", stage.now())
_ = stage.settle()
cached.wait(5)
try:
    cached.design.send_message(cy_and_di, "Lunch?", stage.now())
    result = "sent"
except MessagingFault as error:
    result = type(error).__name__
reveal("09.second_message", result)

# %% [markdown]
# Cy takes no part in a conversation that he has just begun. Before it begins one, `dual` asks its index whether the two have talked. They had
# not, and that nothing was found is an answer like any other: the cluster kept it, a **negative entry**. To send, `dual` looks for the
# sender's group item with that very Query, and is told once more that there is none.
#
# The item cache mends a negative entry when the item is written through. For the query cache, only time does:

# %%
cached.wait(300)
cached.design.send_message(cy_and_di, "Lunch?", stage.now()).text

# %% [markdown]
# No test against the table alone would have found it. The ways out: ask by key, as `single` does, with a strongly consistent read, which
# passes through DAX and is never cached; or let writes, and the reads that come with them, go around DAX. The same holds for the **stream
# update**: through the query cache it finds group items that are deleted by now, and fails until their TTL is over.
#
# ## Who may do what
#
# DAX has actions of its own in IAM, on the cluster. This is the policy of who may only read:

# %%
print(policy_of("read-only"))

# %%
reader = cached.dax if dax_endpoint else cached.dax.for_role("read-only")
print(len(Dual(reader, stage.table_name).list_conversations(BO).entries), "conversation in Bo's inbox")
try:
    Dual(reader, stage.table_name).send_message(ada_and_bo, "Bo?", stage.now())
except ClientError as error:
    print(error.response["Error"]["Code"], error.response["Error"]["Message"], sep="\n")

# %% [markdown]
# Who asks needs `dax:PutItem` on the cluster; the cluster's **service role** needs `dynamodb:PutItem` on the table. What no policy of DAX can say
# is *whose* items. On a table, IAM can allow users their own partition key (lesson 07). A cluster reads with its own rights for everybody:
# whoever may ask it may read every inbox.
#
# ## Does it pay?
#
# Three of the smallest nodes cost 86.40 USD a month. `workbench dax` sent 120 messages of the log, and after each its two users looked, in
# turns, within an hour. A *look* is the inbox and then the conversation; four looks a message are two by each. With four, a TTL of five
# minutes, `dual`: from how many messages **a second** does
# the cluster save what it costs?

# %%
predict("09.pays_at", 1, "messages a second", confidence=40, example=True)

# %%
run, nodes = read_dax(Path(run_file)), Nodes(read_prices(Path(prices_file)))
four_looks = next(c for c in cells_of(run, "dual", "around") if (c["ttl_seconds"], c["reads_per_message"]) == (300, 4))
reveal("09.pays_at", round(nodes.payback(four_looks)))

# %% [markdown]
# 64 messages a second are five and a half million a day. Reads are cheap, so much has to be saved. RRU are per message; *stale* is the share of
# answers that differed from the table's at that moment, B the inbox and A the conversation; *stale s* how long they had been so, as median
# and longest.

# %%
around = {**run, "cells": [each for each in cells_of(run, stream_update="around")]}
dax_frame(around, nodes).droplevel("update")

# %% [markdown]
# Look at the first row: one look a message, and a cluster makes `dual` **dearer**, 2.5 RRU instead of 2.2. First messages are transactions, and
# behind each the cluster reads all its items again by TransactGetItems, to have them in the item cache. `dual` never reads an item by key here.
# Sent around DAX, first messages would not cost that.
#
# The same over all times to live:

# %%
dax_figure(run, "dual", nodes)

# %%
map_frame(run, "dual", stale_share).map("{:.1%}".format)

# %% [markdown]
# Upwards more answers are out of date, and the cluster pays sooner wherever it pays at all; to the right nearly so, but for small wobbles at 10
# and 60 seconds: each hit after a message is a message not seen. Saving
# and staleness are one thing seen from two sides, and the TTL only chooses how much of it.
#
# ## The model comes first
#
# `pointer` reads a user's memberships by Query, then all their group items **by key**. If its stream update writes through DAX as well, what
# becomes of its inboxes?

# %%
by_key = {**run, "cells": [c for c in cells_of(run, "pointer") if c["reads_per_message"] in (4, 16)]}
dax_frame(by_key, nodes)[["RRU", "with DAX", "stale B, A", "pays at"]]

# %% [markdown]
# With the update through DAX hardly any inbox is out of date, at the same savings: the group items come from the item cache, which writes keep
# right. Conversations (A) are a Query under every model, and stay as they were. But compare the RRU with those of `dual` further above: a cache
# does not make up for a dear read. It is a model's keys that decide which cache answers, and whether it is right.

# %% [markdown]
# ## Exercises
#
# 1. The default TTL. Bo's inbox is read through DAX at 12:00:00, and a message is sent to him at 12:01:00. For how many seconds after the message
#    can his inbox lack it at the most?

# %% tags=["exercise"]
answer = ...  #| learner
answer = 300 - 60  #| solution
check("09.how_long", answer)

# %% [markdown]
# 2. A first message under `dual` is a transaction of three small items: the message and two group items. How many RRU does that transaction
#    take through DAX, besides its writes and without the lookup before it? (A read in a transaction costs 2 RRU up to 4 KB.)

# %% tags=["exercise"]
answer = ...  #| learner
answer = 3 * 2  #| solution
check("09.transaction", answer)

# %% [markdown]
# 3. And which action does a role need for that transaction through DAX? In quotes, with its service, as in "dax:Query".

# %% tags=["exercise"]
answer = ...  #| learner
answer = "dax:PutItem"  #| solution
check("09.action", answer)

# %% [markdown]
# 4. Your product decides: at four looks a message, at most one answer in ten may be out of date. Which of the five times to live is the longest that
#    `dual` can have, in seconds?

# %% tags=["exercise"]
answer = ...  #| learner
shares = map_frame(run, "dual", stale_share)[4]  #| solution
answer = int(shares[shares <= 0.1].index.max())  #| solution
check("09.longest_ttl", answer)

# %% [markdown]
# 5. At 16 looks a message and the default TTL: how many RRU does `dual` take **without** DAX for each RRU that `pointer` takes **with** it?

# %% tags=["exercise"]
answer = ...  #| learner
at_16 = {c["design"]: c for c in cells_of(run, stream_update="around") if (c["ttl_seconds"], c["reads_per_message"]) == (300, 16)}  #| solution
answer = at_16["dual"]["rru_without"] / at_16["pointer"]["rru_with"]  #| solution
check("09.model_first", answer)

# %% [markdown]
# ## What we learned
#
# - Two caches: items by key, which writes through DAX keep right, and queries by request, which only time does.
# - That there is nothing is cached, too. Where code asks before it writes, that can lock it out.
# - A role on the cluster says what may be done, not whose items. Table policies by partition key do not reach through it.
# - A cluster pays late, and the more it saves, the more is out of date. First choose the model, then the TTL, then ask whether DAX is needed.

# %%
stage.close()
calibration_frame()

# %% [markdown]
# ## Known limits
#
# This is a model of documents, not DAX, and was never held against a cluster. It has one node; of several, each lags behind the others, usually
# by less than a second. With a `dax_endpoint` the same cells use AWS's `amazon-dax-client` (the extra `dax`) from inside the cluster's network: **untested**;
# then requests and hits are not counted here, and the role is your own. What the recorded run leaves out:

# %%
Markdown(bullets(run["not_shown"]))
