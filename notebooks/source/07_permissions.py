# %% [markdown]
# # Who may do what?
#
# On DynamoDB Local everything is allowed. On AWS nothing is, until a policy of IAM allows it, and the first deployment is where the permissions of
# the stream's function fail, oddly: all three of its actions are in the policy, and the message still does not show up.
#
# Here that failure is staged, read and mended, without AWS. Then the least policy is worked out from the calls that a design really makes, and
# the two models are asked what IAM could guard: *can it stop bo from reading ada's inbox?*

# %% tags=["parameters"]
endpoint = ""  # a DynamoDB API on this machine; empty: the one that `make lab` or `workbench up` started
first_policy = "../data/policies/bootcamp_first.json"
fixed_policy = "../data/policies/bootcamp_fixed.json"
table_arn = "arn:aws:dynamodb:us-east-1:123456789012:table/cruddur-messages"

# %%
from pathlib import Path
from botocore.exceptions import ClientError
from IPython.display import display
from pandas import DataFrame

from workbench.cards.collecting import collect_card
from workbench.cards.scenario import ADA, BO, CY
from workbench.course import Stage, calibration_frame, check, hint, predict, reveal
from workbench.course.lessons.rights import acting_under, calls_in, statements_frame, verdicts_frame
from workbench.designs import Dual, DualFixed, Single
from workbench.designs.dual import GROUP_INDEX
from workbench.iam.calls import Call
from workbench.iam.evidence import record_calls
from workbench.iam.policies import Policy, Statement, evaluate, minimal_policy, read_policy
from workbench.messaging.entities import pair_uuid

# %% [markdown]
# ## The course's first policy
#
# A policy has statements: an effect, actions, and resources, each named by its ARN. The function that updates the inboxes ran with these two. One
# is for reading the stream, the other for what the function does to the table:

# %%
first = read_policy(Path(first_policy).read_text())
statements_frame(first)

# %% [markdown]
# ## Staged: the inbox does not follow
#
# Ada writes to bo, twice. The second message comes out of the stream, and the function gets to work under the policy above. (`acting_under`
# refuses what the policy denies, as AWS would; `evaluate`, which it asks, is part of this workbench.)
#
# Predict: the function queries the index for the group items, puts new ones and deletes the old. Which action is denied?

# %%
predict("07.denied", "none", confidence=70, example=True)

# %%
stage = Stage(Dual, endpoint=endpoint or None)
with_bo = stage.start(ADA, BO, "Hello Bo!")
stage.settle(), stage.new_records()
stage.send(with_bo, "Are you there?")
[record] = stage.new_records()
message = record["dynamodb"]["NewImage"]
denied = "none"
try:
    with acting_under(first, stage, table_arn):
        stage.design.update_conversation([message])
except ClientError as error:
    print(error.response["Error"]["Code"] + ":", error.response["Error"]["Message"])
    denied = error.response["Error"]["Message"].split("dynamodb:")[1].split(" ")[0]
print("bo's inbox shows", [entry.last_text for entry in stage.design.list_conversations(BO).entries])
reveal("07.denied", denied)

# %% [markdown]
# Query *is* in the policy. And the message *is* in the table, for it was stored by another role; only bo's inbox shows the old text. Nothing in
# the application failed. Lambda tries the record again and again, and whoever does not read its log sees a message that is "not shown".

# %% [markdown]
# ## Read it from the right
#
# The message names an action and a **resource**. Actions are easy to check, so people do that, and stop. Let us do it slowly: which rights did
# that stream update need? The meter kept its requests, here from a run in which all was allowed.

# %%
with stage.watching() as usage:
    stage.design.update_conversation([message])
needed = calls_in(usage, stage.schema, table_arn)
print(evaluate(first, needed[0]).reason)
verdicts_frame(first, needed, stage.labels)

# %% [markdown]
# There it is: `table/cruddur-messages` is allowed, and `table/cruddur-messages/index/message-group-sk-index` was asked for. **An index has an ARN
# of its own**, and that of its table does not cover it.
#
# ## Three ways to mend it
#
# The index's ARN; all indexes of the table; or, what many do in a hurry, a star behind the table's name. All three let the Query
# through. Predict: would the star also let the function read `cruddur-messages-backup`, another table of the same account?

# %%
predict("07.star", "no", confidence=60, example=True)

# %%
places = {"its ARN": f"{table_arn}/index/{GROUP_INDEX}", "index/*": f"{table_arn}/index/*", "star": f"{table_arn}*"}
backup = Call("dynamodb:Query", f"{table_arn}-backup", ("MSG#any",))
allowed = {}
for name, place in places.items():
    mended = Policy((*first.statements, Statement("Allow", ("dynamodb:Query",), (place,))))
    allowed[name] = [evaluate(mended, call).allowed for call in (needed[0], backup)]
display(DataFrame(allowed, index=["Query of the index", "Query of the backup"]).T)
reveal("07.star", "yes" if allowed["star"][1] else "no")

# %% [markdown]
# A star is any text, a hyphen and another name included. The course's repair names the index, and now all is allowed:

# %%
fixed = read_policy(Path(fixed_policy).read_text())
verdicts_frame(fixed, needed, stage.labels)

# %% [markdown]
# ## Which action is a transaction?
#
# The first message (D) is written in one transaction: the message and both group items, all or nothing. The role of the *application* has to
# allow that. Predict: which action does the request `TransactWriteItems` need here?

# %%
predict("07.transaction", "TransactWriteItems", confidence=70, example=True)

# %%
with stage.watching() as usage:
    stage.start(CY, ADA, "Lunch?")
calls = calls_in(usage, stage.schema, table_arn, caller=CY.uuid)
print(usage.operations)
display(verdicts_frame(fixed, calls, stage.labels))
reveal("07.transaction", calls[-1].action.removeprefix("dynamodb:"))

# %% [markdown]
# IAM has no action for a transaction as such: each element needs what it would need alone, here three times `PutItem`. Batches are the other way
# round: `BatchWriteItem` and `BatchGetItem` *are* actions, and `PutItem` does not allow a batch of puts.
#
# ## The least policy
#
# That can be done by a program: let a design talk for several users, write down the rights that its requests need, and allow no others.
# `workbench policy` prints such a policy. Here is that of the stream's function, under `dual` and under `single`:

# %%
rights = {each: record_calls(each, stage.target, table_arn) for each in (Dual, Single)}
for each in rights:
    print(each.name)
    display(statements_frame(minimal_policy(rights[each]["stream"])))

# %% [markdown]
# It is narrower than the course's in three ways: one stream in place of `*`, an action only where it is needed, and no partition keys but those
# of group items. (`ListStreams` is about no resource.) And the models differ: the one group item is found by its key, so `single` needs **no
# right on any index**, and cannot fail as above.
#
# In the JSON of a statement the partition keys are a condition, in which `*` is any text:
#
# ```json
# "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["GRP#*"]}}
# ```

# %% [markdown]
# ## Whom could IAM keep out?
#
# So far a policy named tables. It can go down to partition keys: `dynamodb:LeadingKeys` are those that a request names, and a policy may compare
# them with who calls. `<caller>` below is such a variable: the caller's own UUID. That needs credentials for each user. The course's backend
# has one role for all its users, to whom IAM sees no difference; there the code is the only guard.
#
# The least policies of the application's users:

# %%
for each in rights:
    print(each.name)
    display(statements_frame(minimal_policy(rights[each]["api"])))

# %% [markdown]
# Predict: bo asks for ada's inbox, with his own credentials and under these policies. Is he stopped, under `dual` and under `single`, which
# has no partition key of a user in its table?

# %%
predict("07.inbox", ["stopped", "let through"], confidence=60, example=True)

# %%
def bo(action, key, place=""):
    return Call(f"dynamodb:{action}", table_arn + place, (key,), BO.uuid)

theirs = pair_uuid(ADA, CY)
attempts = {  # under dual, under single
    "list ada's inbox": (bo("Query", f"GRP#{ADA.uuid}"), bo("Query", ADA.uuid, "/index/inbox-a-index")),
    "read a group item of ada and cy": (bo("Query", theirs, f"/index/{GROUP_INDEX}"), bo("GetItem", f"GRP#{theirs}")),
    "read the messages of ada and cy": (bo("Query", f"MSG#{theirs}"), bo("Query", f"MSG#{theirs}")),
    "mark it as read for ada": (bo("UpdateItem", f"GRP#{ADA.uuid}"), bo("UpdateItem", f"GRP#{theirs}")),
    "put a group item": (bo("PutItem", f"GRP#{ADA.uuid}"), bo("PutItem", f"GRP#{theirs}")),
}

# %%
policies = [minimal_policy(rights[each]["api"]) for each in (Dual, Single)]
verdicts = {
    attempt: ["let through" if evaluate(*pair).allowed else "stopped" for pair in zip(policies, calls, strict=True)]
    for attempt, calls in attempts.items()
}
reveal("07.inbox", verdicts["list ada's inbox"])

# %% [markdown]
# Both stop him. Under `single` it is the *indexes* that guard the list: their partition keys are users. (That the leading keys of a Query on an
# index are those of the index is our evaluator's assumption; AWS's pages do not spell it out. Under `dual` it is the table's key.) And the rest?

# %%
DataFrame(verdicts, index=["dual", "single"]).T

# %% [markdown]
# A lot gets through, under both. The items of a conversation have keys of the *conversation*, and no variable knows who takes part. Bo only has to know
# its UUID, so the code has to look (pattern A does: "see that the reader takes part").
#
# The models differ in one line. Under `dual` ada's mark is an item in *her* partition, so bo cannot write it. Under `single` it is in the shared item:
# whoever may write their own mark may write hers.

# %% [markdown]
# The last line lets bo put an item into ada's inbox, for a first message does just that. A service with a role of its own could do it for all users.
# Better keys help, too. These are the patterns that name no partition but the caller's own, as on each design's card (`workbench card`):

# %%
cards = [collect_card(each, stage.target, programs=0) for each in (Dual, Single, DualFixed)]
{card.name: list(card.guarded_patterns) for card in cards}

# %% [markdown]
# Under `dual` marking as read (F) and hiding (G) go through the index first, whose key is a conversation. `dual_fixed`, where the key of a group item
# is its owner and the conversation, and never changes, finds the item in the caller's partition, so G and I become guarded as well. (F still counts messages.)

# %% [markdown]
# ## Exercises
#
# 1. A table `messages` in eu-west-1, account 210987654321, has an index `inbox-a-index`. Write the ARN that a statement needs so that the index can
#    be queried, and nothing else.

# %% tags=["exercise"]
answer = ...  #| learner
answer = "arn:aws:dynamodb:eu-west-1:210987654321:table/messages/index/inbox-a-index"  #| solution
check("07.index_arn", answer)

# %% [markdown]
# 2. A transaction puts a message, updates a group item, and checks a condition on a third item (`ConditionCheck`). Which actions must be allowed?
#    A list, without `dynamodb:`.

# %% tags=["exercise"]
answer = ...  #| learner
answer = ["PutItem", "UpdateItem", "ConditionCheckItem"]  #| solution
check("07.elements", answer)

# %% [markdown]
# 3. Under `dual`: write the statement that lets users list their own inbox, and do nothing else. A dictionary with `Effect`, `Action`, `Resource` and
#    `Condition` (with the operator shown above), for the table of `table_arn`; the caller's UUID is the variable
#    `${aws:PrincipalTag/user_uuid}`.

# %% tags=["exercise"]
answer = ...  #| learner
answer = {  #| solution
    "Effect": "Allow",  #| solution
    "Action": "dynamodb:Query",  #| solution
    "Resource": table_arn,  #| solution
    "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "GRP#${aws:PrincipalTag/user_uuid}"}},  #| solution
}  #| solution
check("07.own_inbox", answer)

# %% [markdown]
# 4. Somebody allows `dynamodb:*` under the condition of exercise 3. `ForAllValues` holds if *each* leading key is like the pattern. Which operation still
#    reads all inboxes of the table? (Without `dynamodb:`.)

# %% tags=["exercise"]
answer = ...  #| learner
answer = "Scan"  #| solution
check("07.no_keys", answer)

# %% [markdown]
# ## What we learned
#
# - Read a denied call to its end: the action *and* the resource. An index has an ARN of its own; a star has more tables than you think.
# - A transaction needs the actions of its elements; a batch has one of its own.
# - The least policy follows from the requests, so it follows from the model: `single` updates by a key and needs no index.
# - IAM can guard what has the caller in its partition key: both inboxes, ada's own item under `dual`. Who takes part in a conversation it cannot know: that
#   check stays in the code.

# %%
stage.close()
calibration_frame()

# %% [markdown]
# Next: [08_your_own_model](08_your_own_model.ipynb), a model of your own.
#
# ## Known limits
#
# The evaluator knows what these policies use, and refuses the rest by name. It was never run against IAM. Policies of the account, boundaries, resource
# policies and encryption are left out. A least policy allows what was seen: code for errors that did not occur was not seen.
