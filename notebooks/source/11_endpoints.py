# %% [markdown]
# # Why does every Region have an endpoint of its own?
#
# A client in Frankfurt asks `dynamodb.eu-central-1.amazonaws.com`, one in Ireland another address. Is that so for all services? What do the
# other forms look like that one meets in configurations: FIPS, dual-stack, of an account? And where several are configured, which one is
# taken?
#
# The answers are in the data that botocore, the library below boto3, brings along. Nothing here sends a request.

# %% tags=["parameters"]
region = "eu-west-1"
partition = "aws"

# %%
import pandas
from workbench.course import check, hint, predict, reveal
from workbench.dynamodb.precedence import chosen, chosen_by_workbench, everywhere
from workbench.endpoints import endpoint_url, endpoints, partitions, survey
from workbench.reports.endpoints import endpoint_frame, exception_frame
from workbench.reports.endpoints import survey_figure, survey_frame

pandas.options.display.max_colwidth = None

# %% [markdown]
# ## Partitions and Regions
#
# A Region is a set of data centres in one part of the world; what is stored in a table there stays there, unless you replicate it. Regions
# belong to a **partition**. Accounts, IAM users and ARNs are of one partition: an account of `aws` cannot log in to China.

# %%
{name: len(regions) for name, regions in partitions().items()}

# %% [markdown]
# An endpoint is an address under which a service answers. As a table is in one Region, so is the endpoint that serves it. Here are all
# forms for DynamoDB in one Region.

# %%
endpoint_frame(endpoints("dynamodb", region))

# %% [markdown]
# - **standard**: what a client takes if nothing else is said.
# - **FIPS**: its encryption is by modules certified under the US standard FIPS 140. Who has to use it knows.
# - **dual-stack**: it has addresses of IPv6 as well as IPv4; mind the other domain, which a firewall's list of names may lack.
# - **account**: it has your account's number in front, so that AWS can route requests by it. Newer SDKs take it by themselves where
#   the credentials tell the account.
#
# A table's stream is read at another address: its rules are those of the service DynamoDB Streams. DAX has one, too, but only for managing
# clusters; requests for items go to an address of your own cluster, in your own network.

# %%
endpoint_frame([*endpoints("dynamodbstreams", region), *endpoints("dax", region)])

# %% [markdown]
# Mind how the forms differ. It is `streams.dynamodb` on the one domain, and `streams-dynamodb` on the other. Whoever builds an address by
# hand, from a pattern seen once, gets it wrong: so did the course's handler, which had Region and endpoint written into it, over plain
# http. Ask the SDK instead, with a Region.

# %%
for place in ("eu-west-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"):
    print(f"{place:16}", endpoint_url("dynamodb", place), endpoint_url("dynamodb", place, variant="fips"))

# %% [markdown]
# In the US GovCloud the standard endpoint is the FIPS endpoint.
#
# ## Do all services have one for each Region?
#
# botocore knows over 400 services. For how many percent of them is there an endpoint in each Region, by the rules?

# %%
predict("11.regional", 60, "%", confidence=60, example=True)

# %%
forms = survey(partition)
survey_frame(forms)

# %%
regional = sum(form.kind == "regional" for form in forms)
reveal("11.regional", round(100 * regional / len(forms)))

# %%
survey_figure(forms, partition)

# %% [markdown]
# Nearly all. That is on purpose: what is in one Region does not fail with another. What has one endpoint for all is about things that an
# account has once, wherever its tables are: who may log in (`iam`), names (`route53`), bills, the organisation. Here are all of the
# exceptions.

# %%
exception_frame(forms)

# %% [markdown]
# Two kinds of one: `iam` has no Region in its name, `organizations` shows that it is in `us-east-1`, and is asked there from anywhere.
# The two of SimpleDB, older than the custom, have no Region in the name of their first one. The last three cannot be told from a Region
# alone: the operation, or an ARN in it, decides.
#
# A rule is no promise: botocore makes an address also for a Region in which the service does not exist yet. Then the name does not resolve.

# %% [markdown]
# ## Which one is taken, of several?
#
# An endpoint may be given to the client as an argument, by two variables of the environment, one of them for this service alone, and by
# two places in the profile. Put them in order: which wins? Write the letters A (argument), E (environment, all services), P (profile, all
# services), e (environment, DynamoDB), p (profile, DynamoDB), the strongest first.

# %%
predict("11.order", ["A", "e", "p", "E", "P"], confidence=50, example=True)

# %%
found = [chosen(configured) for _, configured in everywhere()]
for (what, _), address in zip(everywhere(), found, strict=True):
    print(f"{what:30} {address}")

# %%
LETTERS = {"argument": "A", "environment-of-the-service": "e", "environment": "E",
           "profile-of-the-service": "p", "profile": "P"}
reveal("11.order", [LETTERS[address.split("/")[2].split(".")[0]] for address in found[:-1]])

# %% [markdown]
# Each line was found by an experiment: a new Python with that configuration made a client, and told its endpoint; then the winner was
# taken away. A variable for *all* services beats a profile's line for DynamoDB alone. So whoever has `AWS_ENDPOINT_URL` set, for a tool that
# imitates another service, sends the tables' requests there as well.
#
# And a variable from yesterday may lead today's experiment to a real, paid table. This workbench takes none of them: its clients get an
# endpoint as an argument, from a session that reads no AWS variable and no profile.

# %%
{chosen_by_workbench("http://127.0.0.1:8000", configured) for _, configured in everywhere()}

# %% [markdown]
# ## Exercises
#
# 1. A function in Frankfurt (`eu-central-1`) reads the stream of a table there, over dual-stack. What is the host name of the endpoint?

# %% tags=["exercise"]
answer = ...  #| learner
answer = endpoint_url("dynamodbstreams", "eu-central-1", variant="dual-stack")  #| solution
check("11.stream_host", answer)

# %% [markdown]
# 2. In the partition `aws-cn`, how many services have one endpoint for all Regions, with or without a Region in its name?

# %% tags=["exercise"]
answer = ...  #| learner
answer = sum(form.kind in ("global", "in one Region") for form in survey("aws-cn"))  #| solution
check("11.china", answer)

# %% [markdown]
# 3. `AWS_ENDPOINT_URL` is set to an address of another tool. The profile has an endpoint for DynamoDB. With which variable, set to "true", does
#    a client take neither? (It is not on this page: look into the AWS SDKs' reference of settings, or take the hints.)

# %% tags=["exercise"]
answer = ...  #| learner
answer = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"  #| solution
check("11.ignore", answer)

# %% [markdown]
# ## What we learned
#
# - A table is in a Region, and so is its endpoint. Nine in ten services are like that; the exceptions are about the account itself.
# - FIPS, dual-stack and account-based endpoints have forms of their own, and streams another service's. Ask the SDK, do not build them.
# - Argument, variable of the service, variable, profile of the service, profile: the nearest wins.
#
# `workbench endpoints --service s3 --region eu-west-1` and `workbench endpoints` show the same in a terminal.
#
# ## Known limits
#
# These are the rules of the installed botocore, for clients as they come. VPC endpoints are yours, and no rule knows them. Which service is
# offered in which Region is not told.
