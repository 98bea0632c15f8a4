# %% [markdown]
# # Can you model another application?
#
# So far you have measured one application. Here are three others, each as a **brief**: access patterns with what they are given, the order of
# their answer, and how often a day they are asked. The web shop is worked through. The game is half written: the rest is for you. The support
# desk is all yours.
#
# The tools judge and measure: is each answer right, after each write as well, and what does it cost?

# %% tags=["parameters"]
endpoint = ""  # a DynamoDB API on this machine; empty: the one that `make lab` or `workbench up` started

# %%
from dataclasses import replace

from workbench.course import Stage, calibration_figure, calibration_frame, check, hint, predict, reveal
from workbench.course.sketches.briefs import GAME, ORDERS, TICKETS, orders_brief
from workbench.course.pictures import items_figure
from workbench.course.sketches.sketch import Sketch, costs_frame, fill, put, typed
from workbench.course.sketches.trying import try_out
from workbench.course.sketches.worked import THREE_KINDS, game_sketch, get, query
from workbench.designs.messages import define_index, define_table

place = {"endpoint": endpoint or None}

# %% [markdown]
# ## Five steps
#
# 1. List what the application asks: what is given, in which order the answer comes, how much of it, how often.
# 2. For each question write the one request that you would like to send. Its key condition says what the keys have to be.
# 3. Give items those keys. What no key of the table can answer needs an index.
# 4. Predict round trips, RRU and WRU of each pattern; then measure.
# 5. Look for the dear ones, and for keys that get more than their share.
#
# ## Brief 1: a web shop

# %%
ORDERS.frame()

# %% [markdown]
# The brief comes with data, made by rule: 12 customers, and 150 orders of one to four lines (`ORDERS.records`). A record is plain Python; how
# it becomes items is the model. The shop numbers its orders as they come, so a higher number is a later order: it will save an index.

# %% [markdown]
# ### The tempting model: three kinds of things, each by its id
#
# | item | pk | other attributes |
# |---|---|---|
# | customer | customer's id | name, email |
# | order | order's id | its customer's id, the ids of its lines |
# | line | line's id | product, quantity, price |
#
# So a relational database would have it. A customer's orders share no key, nor do the open ones: these two scan the table, and filter.
#
# **Predict.** `list_orders` returns ten orders of under 200 bytes. How many RRU?

# %%
predict("12.scanned", 0.5, "RRU", confidence=80, example=True)

# %%
three_kinds = try_out(THREE_KINDS, **place)
reveal("12.scanned", three_kinds.usage("list_orders").estimated_rru)

# %%
three_kinds

# %% [markdown]
# Every answer is right, and on a laptop nothing seems wrong: that is the trap. The guess was for what is *returned*. A Scan reads the whole
# table, lines and customers as well, and filters afterwards. And an order takes as many round trips as it has items.
#
# ### One table, by access patterns
#
# Requests first. *A customer's orders, newest first*: one Query, read backwards, so `pk` is the customer and `sk` is `ORDER#` and the
# number. *One order*: customer and number are given, so that is its key. *Its lines* are few and always read with it: a list in its item. *Open
# orders*: an index by `to_ship`, an attribute that a shipped order loses (a **sparse index**).

# %%
shop_table = define_table("to_ship", "order_id", indexes=[define_index("open-index", "to_ship", "order_id")])

def shop_items(record):
    pk = f"CUSTOMER#{record['customer_id']}"
    if record["kind"] == "customer":
        return [record | {"pk": pk, "sk": "PROFILE"}]
    open_only = {"to_ship": "yes"} if record["delivery"] == "open" else {}
    return [record | {"pk": pk, "sk": f"ORDER#{record['order_id']}"} | open_only]

# %%
small = Stage(shop_table, **place)
fill(small, Sketch(ORDERS, shop_table, shop_items, {}), [ORDERS.records[n] for n in (0, 1, 12, 24, 13, 144, 157)])
picture = items_figure(small.snapshot())
small.close()
picture

# %% [markdown]
# A few of the items: a customer is an item collection, with the profile behind the orders. Each function below sends one request. `get`,
# `query`, `put` and `typed` only spare us the types: they send one GetItem, one Query, one PutItem (a transaction, where there are several
# items), and turn `5` into `{"N": "5"}`.
#
# A `Sketch` is a brief, a table, how records become items, and a function for each pattern. `try_out` fills a new table, calls each function
# under the meter, and holds what it returns against the records.

# %%
def list_orders(client, table, customer_id):
    values = {":pk": f"CUSTOMER#{customer_id}", ":order": "ORDER#"}
    return query(client, table, "pk = :pk AND begins_with(sk, :order)", values, ScanIndexForward=False, Limit=10)

def list_open_orders(client, table):
    return query(client, table, "to_ship = :yes", {":yes": "yes"}, IndexName="open-index", Limit=25)

def ship_order(client, table, customer_id, order_id):
    client.update_item(
        TableName=table, Key=typed({"pk": f"CUSTOMER#{customer_id}", "sk": f"ORDER#{order_id}"}),
        UpdateExpression="SET delivery = :shipped REMOVE to_ship", ExpressionAttributeValues=typed({":shipped": "shipped"}),
    )

# %%
shop = Sketch(ORDERS, shop_table, shop_items, {
    "show_customer": lambda client, table, customer_id: get(client, table, f"CUSTOMER#{customer_id}", "PROFILE"),
    "list_orders": list_orders,
    "show_order": lambda client, table, customer_id, order_id: get(client, table, f"CUSTOMER#{customer_id}", f"ORDER#{order_id}"),
    "list_open_orders": list_open_orders,
    "place_order": lambda client, table, order: put(client, table, shop_items(order)),
    "ship_order": ship_order,
})

# %% [markdown]
# **Predict.** `place_order` was 6 WRU: an order and two lines, doubled by the transaction. Now it is one PutItem of under 300 bytes. How many WRU?

# %%
predict("12.placed", 1, "WRU", confidence=70, example=True)

# %%
by_pattern = try_out(shop, **place)
reveal("12.placed", by_pattern.usage("place_order").estimated_wru)

# %%
costs_frame({"three kinds": three_kinds, "by pattern": by_pattern})

# %% [markdown]
# In USD a month. The guess forgot the index: an open order has an entry there. That is why `ship_order` is dearer than before, too: it takes the entry away.
# That is the price of `list_open_orders`; all the rest got cheaper, or costs the same.
#
# And next year? Guess, before you look: what becomes of each bill when there are 300 orders in place of 150, and the same pages are shown?

# %%
models = {"three kinds": THREE_KINDS, "by pattern": shop}
costs_frame({name: try_out(replace(model, brief=orders_brief(300)), **place) for name, model in models.items()})

# %% [markdown]
# The scans have nearly doubled; the other model costs what it did. It costs by *what is asked*, not by *what is there*. At 100,000 orders a day
# a month has 20,000 times these 150: each scan would be some 100,000 RRU.
#
# **Exercise 1: to shard or not.** All entries of `open-index` have one partition key, and one takes 1,000 WRU a second. The last column below is
# what goes to the largest item collection in the busiest second, taken as **ten times** the day's mean. One could spread the entries over
# several keys (`yes-0`, `yes-1` ...) and query them all. Up to how many *million* orders a day does this index do without?

# %%
by_pattern.places_frame()

# %% tags=["exercise"]
answer = ...  #| learner
answer = 1_000 * 86_400 / 10 / 2 / 1_000_000  # WRU a second, seconds, peak, WRU an order  #| solution
check("12.open_orders", answer)

# %% [markdown]
# ## Brief 2: a game

# %%
GAME.frame()

# %% [markdown]
# | item | pk | sk | other attributes |
# |---|---|---|---|
# | player | `PLAYER#<id>` | `PROFILE` | name, score, `board`, `standing` |
# | match, once for each player | `PLAYER#<id>` | `MATCH#<match's number>` | results |
#
# A match's number begins with its day, as in `20260301-0120`. `board-index` has the players by `board` and `standing`. `game_sketch` has all but
# one pattern.
#
# **Exercise 2: a key condition.** Write `list_matches`: a player's matches of a month, such as `202603`, newest first, at most 5.

# %% tags=["exercise"]
def list_matches(client, table, player_id, month):
    return ...  #| learner
    values = {":pk": f"PLAYER#{player_id}", ":month": f"MATCH#{month}"}  #| solution
    return query(client, table, "pk = :pk AND begins_with(sk, :month)", values, ScanIndexForward=False, Limit=5)  #| solution

one_board = try_out(game_sketch(list_matches), **place)
check("12.list_matches", one_board)

# %% [markdown]
# **Exercise 3: a sort key for the ranking.** `standing` is a text, the sort key of `board-index`, which `list_top_players` reads backwards.
# What if it were the score, as text? Write `score_key`: a text for each player that sorts as the scores do, from the lowest to the highest, so
# that players with equal scores differ, too. Scores have up to six digits. The judge says why, if it goes wrong.

# %% tags=["exercise"]
def score_key(score, player_id):
    return ...  #| learner
    return f"{score:06}#{player_id}"  #| solution

check("12.score_key", score_key)

# %% [markdown]
# **Exercise 4: how many keys?** All players are on one board, so all changes of scores go to one partition key of the index. It takes 1,000 WRU
# a second; the last column says what the ranking wants. The board of a player may come from a hash of the id. Over how many keys must the
# entries be spread, at least? Work it out from the brief first, then compare.

# %%
one_board.places_frame()

# %% tags=["exercise"]
answer = ...  #| learner
answer = 3  # 5,000,000 / 86,400 * 10 matches a second, 2 players, 2 WRU for each, over 1,000, rounded up  #| solution
check("12.shards", answer)

# %% [markdown]
# **Predict.** With four boards, `list_top_players` still returns ten players. It was 0.5 RRU on one board. How many is it now?

# %%
predict("12.four_boards", 0.5, "RRU", confidence=65, example=True)

# %%
four_boards = try_out(game_sketch(list_matches, shards=4), **place)
reveal("12.four_boards", four_boards.usage("list_top_players").estimated_rru)

# %%
four_boards.places_frame()

# %% [markdown]
# The best ten may all be on one board, so each is asked for its ten best: four queries, and most of it is thrown away. A hash is seldom as
# even as here, so a key more than the least is no luxury. Sharding makes reads dearer, so that writes are not throttled. For the ranking it is
# right; for the warehouse's list it was not needed. The rates decide.
#
# ## Brief 3: a support desk

# %%
TICKETS.frame()

# %% [markdown]
# Look at a few of `TICKETS.records`. A ticket that an agent has is `assigned_to` that agent; one without is nobody's. `phase` is `open` or
# `closed`; the numbers of tickets and comments rise.
#
# Take the five steps: requests on paper, then keys. First the table, and `ticket_items`, which returns the items of a record, as `shop_items` did
# (think of a ticket with two hundred comments, and of what an index copies). Then four reads, which return items: subjects, numbers and texts
# are compared in their order. Then three writes, each followed by the reads that were right. `agent` and `comment` are reserved words of
# expressions, so no attribute of yours should have these names.

# %%
ticket_table = ...  #| learner
ticket_table = define_table("worker", "urgency", "customer", "ticket_id", indexes=[  #| solution
    define_index("work-index", "worker", "urgency"), define_index("customer-index", "customer", "ticket_id")])  #| solution

def ticket_items(record):
    return ...  #| learner
    pk = f"TICKET#{record['ticket_id']}"  #| solution
    ticket = {name: value for name, value in record.items() if name != "comments"}  #| solution
    ticket |= {"pk": pk, "sk": "TICKET"}  #| solution
    if record["phase"] == "open":  #| solution
        worker, urgency = record.get("assigned_to", "nobody"), f"{record['priority']}#{record['ticket_id']}"  #| solution
        ticket |= {"worker": worker, "urgency": urgency}  #| solution
    return [ticket, *(each | {"pk": pk, "sk": f"COMMENT#{each['comment_id']}"} for each in record["comments"])]  #| solution

# %%
def show_ticket(client, table, ticket_id):
    return ...  #| learner
    return query(client, table, "pk = :pk", {":pk": f"TICKET#{ticket_id}"})  #| solution

def list_of_customer(client, table, customer):
    return ...  #| learner
    return query(client, table, "customer = :c", {":c": customer}, IndexName="customer-index", ScanIndexForward=False, Limit=10)  #| solution

def list_of_agent(client, table, agent):
    return ...  #| learner
    return query(client, table, "worker = :w", {":w": agent}, IndexName="work-index", Limit=15)  #| solution

def list_of_nobody(client, table):
    return ...  #| learner
    return list_of_agent(client, table, "nobody")  #| solution

# %%
def open_ticket(client, table, ticket):
    return ...  #| learner
    put(client, table, ticket_items(ticket))  #| solution

def assign_ticket(client, table, ticket_id, agent):
    return ...  #| learner
    client.update_item(  #| solution
        TableName=table, Key=typed({"pk": f"TICKET#{ticket_id}", "sk": "TICKET"}),  #| solution
        UpdateExpression="SET assigned_to = :a, worker = :a", ExpressionAttributeValues=typed({":a": agent}),  #| solution
    )  #| solution

def add_comment(client, table, ticket_id, comment):
    return ...  #| learner
    put(client, table, [comment | {"pk": f"TICKET#{ticket_id}", "sk": f"COMMENT#{comment['comment_id']}"}])  #| solution

# %% [markdown]
# **Exercise 5: is it right?** The judge names the first pattern that is wrong, or not yet written. `tried` in a cell of its own shows all.
#
# **Exercise 6: what does it cost?** No Scan, one round trip for each pattern, no crowded key, and at most 15 USD a month for all requests.

# %% tags=["exercise"]
desk = {each.__name__: each for each in (show_ticket, list_of_customer, list_of_agent, list_of_nobody, open_ticket, assign_ticket, add_comment)}
tried = try_out(Sketch(TICKETS, ticket_table, ticket_items, desk), **place)
check("12.tickets_answers", tried)

# %% tags=["exercise"]
check("12.tickets_costs", tried)

# %% [markdown]
# ## What we learned
#
# - Requests first, keys second. What is given decides: a number that rises with time, or a customer who is known anyway, saves an index.
# - What is bounded and read together may be one item; what grows without end is items of its own, under one key.
# - An index is paid for by writes, so leave out of it what nobody lists.
# - One hot key is a matter of rates: work it out, then shard, or do not.
#
# And this is how well you knew what you knew, over all lessons:

# %%
print(calibration_frame().to_string())
calibration_figure()

# %% [markdown]
# ## Where to go next
#
# - `workbench new my_design.py` writes a design of the messaging application for you to change; `workbench check my_design.py` says if it is right.
# - `workbench cost --designs dual,my_design.py` works out a bill, and where it flips.
# - A design review: bring the brief, two models and their frames, and what would make you change your mind. `Brief` and `Sketch` take an
#   application of your own.
#
# ## Known limits
#
# Requests only: no storage, no stream. Each pattern is measured once, on little data. Lists are first pages. Items of a key may be split over
# partitions by DynamoDB, so 1,000 WRU is a floor to plan by. Closing a ticket is left out: try it as an eighth pattern.
