# %% [markdown]
# # Who can read what, and what stops them?
#
# A relational database stands behind a security group and a password. A DynamoDB table has neither: its endpoint is
# reachable from anywhere, and each request is signed. [07_permissions](07_permissions.ipynb) is about reading a denied call. This lesson
# goes further: who may read which item under each design, which attempts fail and *what* refuses them, what a browser may be given, and
# what scanners find in a template. Everything runs on this machine; the policies are decided by an evaluator of ours.

# %% tags=["parameters"]
endpoint = ""  # a DynamoDB API on this machine; empty: the one that `make lab` or `workbench up` started
scan_file = "../data/scan.json"
poor_file = "../deploy/poor.yaml"
services_file = "../data/rds_and_dynamodb.csv"
cards_folder = "../data/cards"

# %%
import re
from dataclasses import replace
from pathlib import Path

import pandas
from IPython.display import display
from workbench.cards.scenario import ADA, BO, CY, DI
from workbench.course import Stage, check, hint, predict, reveal
from workbench.designs import DESIGNS, Dual, DualFixed, Single
from workbench.errors import NotAParticipant, NotTheCaller
from workbench.iam import attempts, calls, evidence, matrix, policies, template
from workbench.messaging.entities import Conversation, User, checked_caller
from workbench.reports import security

pandas.set_option("display.max_colwidth", None, "display.width", 250)

# %% [markdown]
# ## What IAM sees
#
# IAM decides before DynamoDB looks at a single item. It sees the caller, the action, the ARN, and one thing about the data: the **partition
# keys** that the request names, `dynamodb:LeadingKeys`. It sees no sort key, no result, and no value of another attribute. So let each user
# have credentials of their own, with their UUID as a session tag, and let a policy compare the two. This is the least policy under which
# `dual` works for its users (`workbench policy --design dual --role api` prints it), and what it says to cy, who queries ada's inbox:

# %%
stage = Stage(Dual, endpoint=endpoint or None)
policy = matrix.api_policy(Dual, stage.target)
for each in policy.statements:
    keys = each.conditions.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", ["any"])
    print(*each.actions, "on", each.resources[0].partition("table/")[2], "with", *keys)
policies.evaluate(policy, calls.Call("dynamodb:Query", matrix.TABLE, (f"GRP#{ADA.uuid}",), CY.uuid))

# %% [markdown]
# Refused: a Query of the table must name `GRP#` with the caller's own UUID, or a conversation's messages.
#
# ## Predict: is the inbox guarded?
#
# cy is a stranger who knows the UUID of the conversation of ada and bo: UUIDs are in addresses and logs. Suppose that only IAM stood in the
# way, and no code of ours. Could cy read **ada's group item** under `dual`, with the last message in it?

# %%
predict("10.dual_inbox", "no", confidence=80, example=True)

# %%
cells = matrix.read_matrix(Dual, stage.target)
display(security.matrix_frame(cells), security.reasons_frame(cells))
[cell] = [each for each in cells if (each.item, each.caller) == ("GRP#<owner>", "stranger")]
reveal("10.dual_inbox", "yes" if cell.verdict == matrix.ONLY_CODE else "no")

# %% [markdown]
# `+` is meant and allowed. `!` is *not* meant, and allowed all the same: **only code** can refuse it. `x` would be a refusal by IAM, and there is none.
# The second table says by which call: through the index. It shows the same items, found by the conversation's UUID, which is no user's key, and `dual` needs it for
# everybody: it is how A and C see who takes part. An index is a copy **past the guard of the table's key**. Guarding an item means guarding every place where it can
# be read.
#
# ## All six designs
#
# Before you look: in how many of the six does IAM refuse the stranger a *message*?

# %%
predict("10.messages", 3, "designs", confidence=60, example=True)

# %%
everything = [cell for design in DESIGNS for cell in matrix.read_matrix(design, stage.target)]
messages = [each for each in everything if each.item.startswith("MSG#") and each.caller == "stranger"]
display(security.matrix_figure(everything))
reveal("10.messages", sum(each.verdict == matrix.REFUSED for each in messages))

# %%
security.matrix_frame([each for each in everything if each.belongs_to == "one user"])

# %% [markdown]
# None. A conversation belongs to several people, and one partition key cannot hold them all, so messages are behind code in every design. What is *one
# user's* can be guarded, if it lies under that user's key everywhere: `dual_fixed`, `dual_sorted` and the memberships of `pointer`. `multikey` has the
# owner in the sort key, which IAM does not see. `single` has nothing that is one user's: its item belongs to both.
#
# ## Attempts, live
#
# What IAM cannot tell, code has to. cy knows the UUID, and asks the real code of `dual`. The last line is what IAM says to the very request that was sent:

# %%
secret = stage.start(ADA, BO, "Only for you")
own = stage.start(CY, BO, "Hi")
stage.settle()
with stage.watching() as usage:
    try:
        stage.design.list_messages(CY, secret.group_uuid)
    except NotAParticipant as error:
        print(type(error).__name__, stage.labels.read(str(error)), sep=": ")
[request] = usage.requests
[call] = calls.calls_of(*request, stage.schema, matrix.TABLE, CY.uuid)
print(call.action, "on", call.resource.partition("table/")[2])
policies.evaluate(policy, call)

# %% [markdown]
# IAM let the one request pass. The code saw that no group item of cy's was in the answer, and never sent the second, for the messages. The error is
# the same for a conversation that does not exist: a stranger must not learn which do.
#
# Who *left* is harder: di has been inside, and knows everything but what came after. `dual` has no groups that one can leave, so this is `dual_fixed`:

# %%
groups = Stage(DualFixed, endpoint=endpoint or None)
group = groups.design.start_group(ADA, [BO, DI], "Three of us", groups.now())
groups.labels.name_conversation(group.group_uuid, "group")
as_di = Conversation(group.group_uuid, DI, ADA)
groups.design.leave_group(as_di)
for attempt in (
    lambda: groups.design.list_messages(DI, group.group_uuid),
    lambda: groups.design.send_message(as_di, "still here", groups.now()),
):
    try:
        attempt()
    except NotAParticipant as error:
        print(type(error).__name__, groups.labels.read(str(error)), sep=": ")
groups.close()

# %% [markdown]
# ## Predict: a cursor of somebody else's
#
# A page ends with a cursor, a text that says where the list goes on. It is in the browser's hands, so it can be copied and forged. cy takes
# the cursor of **ada's** inbox and asks for the next page. What does cy get: an "error", "ada's" conversations or "own" ones?

# %%
predict("10.cursor", "error", confidence=65, example=True)

# %%
stage.start(ADA, DI, "Hello Di!")
stage.settle()
adas = stage.design.list_conversations(ADA, limit=1).cursor
page = stage.design.list_conversations(CY, cursor=adas)
print("cy sees:", [(entry.conversation.other.handle, entry.last_text) for entry in page.entries])
reveal("10.cursor", "own" if {entry.conversation.viewer for entry in page.entries} == {CY} else "ada's")

# %% [markdown]
# No error, and no leak. The cursor holds a position only. The partition key of the next page comes from *who asks*, each time anew. A cursor that
# carried DynamoDB's whole `LastEvaluatedKey` would carry a partition key, and somebody would trust it. A cursor of another list
# is refused with InvalidCursor. One that was made up is refused where its position is checked to be possible; `dual` and `single` take any text
# for a position, and still show the caller's own only (the row *cursor made up* below).

# %% [markdown]
# ## A sender with another's name
#
# A message shows its sender's name. Where does that come from? cy writes to bo, as cy, but says to be called ada. Then the same and a worse lie are shown to a function
# that knows the session:

# %%
false_name = replace(own, viewer=User(CY.uuid, ADA.handle, ADA.display_name))
stage.design.send_message(false_name, "Send me the code", stage.now())
shown = stage.design.list_messages(BO, own.group_uuid, limit=1).messages[0]
print("bo reads:", shown.text, "- from", shown.sender.handle)
for claimed in (own, false_name, secret):
    try:
        print("passes:", checked_caller(CY, claimed).viewer.handle)
    except NotTheCaller as error:
        print(type(error).__name__, error, sep=": ")

# %% [markdown]
# **It worked.** Every design takes its viewer at their word: a `Conversation` is a value that anybody can make. UUID and names are in attributes, not in
# keys, so IAM cannot see them either. The guard is in front: whoever answers requests knows the caller from the session, and compares. `checked_caller`
# is the function for it.
#
# ## All attempts, all designs
#
# Twelve attempts against each design. The last one goes past our code: cy copies ada's group item under a key of cy's, straight to the table, as a browser with rights on
# *its own keys* could. It touches no other's partition. **In how many designs does that let cy read the conversation?**

# %%
predict("10.direct_write", 0, "designs", confidence=70, example=True)

# %%
outcomes = [outcome for design in DESIGNS for outcome in attempts.attempt_all(design, stage.target)]
display(security.attempts_frame(outcomes))
reveal("10.direct_write", sum(each.attempt == attempts.DIRECT and not each.is_held for each in outcomes))

# %% [markdown]
# In four: `dual`, `dual_fixed`, `dual_sorted` and `pointer`. There a group item or membership under one's own key is what *shows* that one takes part. Who may write there writes that proof
# themselves, with the UUID of any conversation, and then the code lets them read. LeadingKeys say in whose partition, never **what** is written. In `single` and
# `multikey` the proof lies under the conversation's key, nobody's own, so IAM refuses the write. The last line but one of the table is what happens where nobody compares names. All others are refused, or show the caller's own.

# %% [markdown]
# ## What may a browser do by itself?
#
# A browser with credentials of its own could ask DynamoDB directly. That is thinkable for patterns whose calls all name only the caller's own keys. A design's card says
# which those are:

# %%
cards = {design.name: (Path(cards_folder) / f"{design.name}.md").read_text() for design in DESIGNS}
{name: re.search(r"none but the caller's own: (.*?)\.", card)[1] for name, card in cards.items()}

# %% [markdown]
# B and I read, G writes. So five designs can let a browser **list its own inbox** (B); `dual_fixed` and `dual_sorted` find a conversation, too (I). G has the right key
# and must not be given away, as we just saw. `pointer` can give nothing: its inbox reads group items that belong to all. Sending is nowhere guarded, so a server
# stays. Is it safe under such a policy? The matrix again, with rights on own keys alone:

# %%
narrow = [
    cell
    for design in (Dual, Single, DualFixed)
    for cell in matrix.read_matrix(design, stage.target, matrix.names_own_keys_only)
]
security.matrix_frame(narrow)

# %% [markdown]
# No `!` is left. Messages are refused to everybody, their readers included: they ask the server.
#
# ## What scanners find
#
# A table is also as safe as the template that makes it. [poor.yaml](../deploy/poor.yaml) works badly and protects nobody. Two maintained tools read it, cfn-lint and
# checkov (`make scan`; results are stored). **Each row failed: its sentence says what should be so, and is not.** Below it are the exceptions that our own [template.yaml](../deploy/template.yaml) argues:

# %%
scan = security.read_scan(Path(scan_file))
display(security.scan_frame(scan, "poor.yaml"))
print({template: len(security.scan_frame(scan, template, "passed")) for template in scan["templates"]}, "passed")
security.scan_frame(scan, "template.yaml", "skipped").reset_index()[["rule", "resource", "reason"]]

# %% [markdown]
# Read the first by what each costs somebody. `CKV_AWS_111` means a wildcard as the *resource* of writes; it does not ask for a condition on
# keys. `CKV_AWS_28`, `CKV2_WORKBENCH_1` and `I3011` at the table: one wrong deletion, and all messages are gone. `CKV_AWS_119`:
# encrypted, but with AWS's key, whose use no log of ours shows. `CKV_AWS_66`: logs for ever. `CKV_AWS_60`, `62` and `63`: a role that may do everything, for whoever assumes it. Others are
# worth an argument rather than a change, and in our own template nothing else fails.

# %% [markdown]
# ## What scanners cannot know
#
# The function of the poor template does not even work: its first Query is denied, and the stream shows it no message. No scanner says so, for none knows what
# the code calls. Our own checks add just that:

# %%
poor = template.Template(Path(poor_file).read_text())
stream_calls = evidence.record_calls(Dual, stage.target, matrix.TABLE)["stream"]
stage.close()
security.findings_frame(template.check_template(poor, Dual, stream_calls))

# %% [markdown]
# The template is held to the design's declaration, the role to recorded calls. `workbench policy --design dual --template deploy/poor.yaml` prints the same.
#
# ## Beside the relational database
#
# Six questions that one asks of any database, answered from the documentation of both (sources in `data/rds_and_dynamodb.csv`):

# %%
services = pandas.read_csv(services_file).set_index("topic")
services[["rds", "dynamodb"]]

# %% [markdown]
# The network is no wall here, so identity has to be one: IAM does what security group and password did. For rows it is the other way round. A row security policy
# may test any column, such as a list of members. IAM sees a key. That is why the question of this lesson is a question about **keys**.
#
# ## Exercises
#
# 1. In which designs is everything that is *one user's* refused to all others by IAM alone? A list of names.

# %% tags=["exercise"]
answer = ...  #| learner
answer = ["dual_fixed", "dual_sorted", "pointer"]  #| solution
check("10.guarded", answer)

# %% [markdown]
# 2. Write the policy with which a browser lists its own inbox under `dual`, and can do nothing else. It is a dictionary, and the table's ARN is in `matrix.TABLE`. The
#    evaluator tries it as cy.

# %% tags=["exercise"]
answer = ...  #| learner
condition = {  #| solution
    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["GRP#${aws:PrincipalTag/user_uuid}"]},  #| solution
    "Null": {"dynamodb:LeadingKeys": "false"},  #| solution
}  #| solution
statement = {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": matrix.TABLE, "Condition": condition}  #| solution
answer = {"Version": "2012-10-17", "Statement": [statement]}  #| solution
check("10.browser_policy", answer)

# %% [markdown]
# 3. The front door: `session_user` was proven by a token, `claimed_user` is what the request says of its sender. Return the user who is to be the viewer.

# %% tags=["exercise"]
def viewer(session_user, claimed_user):
    return ...  #| learner
    return session_user  #| solution


check("10.viewer", viewer)

# %% [markdown]
# 4. Who finds these five: a "scanner", or only checks that know the "design"? A dictionary of `"no key of one's own"`, `"index ARN missing"`,
#    `"logs kept for ever"`, `"LeadingKeys missing"` and `"stream view"`.

# %% tags=["exercise"]
answer = ...  #| learner
answer = {  #| solution
    "no key of one's own": "scanner", "index ARN missing": "design", "logs kept for ever": "scanner",  #| solution
    "LeadingKeys missing": "design", "stream view": "design",  #| solution
}  #| solution
check("10.who_finds", answer)

# %% [markdown]
# ## What we learned
#
# - IAM sees caller, action, ARN and partition keys. What lies under one user's key, in the table *and* in every index, it can guard.
# - What several people share is guarded by code, in every design. So each pattern looks first whether its caller takes part.
# - Positions in cursors, partition keys from who asks; names from the session, never from the request.
# - A browser may read under its own key. It must not write there, where an item is the proof of membership.
# - Scanners know what is poor for any table. What fits *this* one, only checks against its code know.

# %% [markdown]
# Next: [11_endpoints](11_endpoints.ipynb), or straight to [12_modelling_session](12_modelling_session.ipynb), another application to model.
#
# ## Known limits
#
# - DynamoDB Local checks no policy; verdicts are those of our evaluator, which knows the parts of IAM that these policies use. Nothing was deployed.
# - That an index's leading keys are its own partition keys is assumed; AWS's documentation does not say it.
# - One role for all users, as a server often has, makes each `x` a `!`: then all of it is code.
# - Encryption in the client, and session policies that name a user's few conversations, would guard more, and are not tried here.
