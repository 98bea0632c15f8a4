"""Who may do what through a cluster: two roles as IAM would have them, and what a denial says.

Source
------
DynamoDB Developer Guide, "DAX access control": actions of DAX are named like those of DynamoDB, and
are allowed on the cluster, whose own service role decides which tables it may read and write. It
does not part users from each other: no policy of DAX knows partition keys. "IAM policy for read and
write access to a DynamoDB Accelerator (DAX) cluster": the actions themselves.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from workbench.errors import BadParameter

CLUSTER_ARN = "arn:aws:dax:us-east-1:123456789012:cache/messages"  # account and name made up
READ_ACTIONS = ("BatchGetItem", "GetItem", "Query", "Scan")
WRITE_ACTIONS = ("BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem")
ROLES: Mapping[str, tuple[str, ...]] = {
    "read-only": READ_ACTIONS,
    "read/write": (*READ_ACTIONS, *WRITE_ACTIONS),
}


def policy_of(role: str) -> str:
    """The IAM policy of a role, as JSON.

    Raises
    ------
    BadParameter
        If there is no such role.
    """
    statement = {
        "Effect": "Allow",
        "Action": [f"dax:{action}" for action in actions_of(role)],
        "Resource": CLUSTER_ARN,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def check_allowed(role: str, operation: str, request: Mapping[str, Any]) -> None:
    """Refuse what the role may not do, as the service would: nothing reaches cluster or table.

    Raises
    ------
    ClientError
        AccessDeniedException, with the action that is missing, and where it would be allowed.
    """
    for action in needed_actions(operation, request):
        if action not in actions_of(role):
            message = (
                f"the role {role!r} is not authorized to perform: dax:{action} on resource: "
                f"{CLUSTER_ARN}, because no statement of its policy allows it. The action is "
                f"DAX's own: dynamodb:{action} on the table would not help, and is what the "
                "cluster's service role needs besides."
            )
            error: Any = {"Code": "AccessDeniedException", "Message": message}
            raise ClientError({"Error": error}, operation)


def needed_actions(operation: str, request: Mapping[str, Any]) -> Iterator[str]:
    """Actions of DAX that a request needs: a transaction those of its elements, none of its own.

    That DAX has it as DynamoDB does follows from its list of actions, which names no transaction.
    """
    if operation.startswith("Transact"):
        for element in request["TransactItems"]:
            yield from (f"{verb}Item" for verb in element)
    else:
        yield operation


def actions_of(role: str) -> tuple[str, ...]:
    """Actions that a role may do, or BadParameter if there is no such role."""
    if role not in ROLES:
        raise BadParameter("role", role, f"one of {', '.join(ROLES)}")
    return ROLES[role]
