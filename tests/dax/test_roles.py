"""Two roles on a cluster, as IAM would have them."""

import pytest
from botocore.exceptions import ClientError

from tests.dax.doubles import TABLE, WRITES, Cluster, item, key
from workbench.dax.roles import ROLES, needed_actions, policy_of
from workbench.errors import BadParameter


@pytest.mark.parametrize("name", WRITES)
def test_read_only_role_is_told_which_action_is_missing(name: str) -> None:
    cluster = Cluster(item("a"), role="read-only")
    method, request = WRITES[name]
    action = {"update": "UpdateItem", "batch": "BatchWriteItem"}.get(name, "PutItem")

    with pytest.raises(ClientError, match=rf"not authorized to perform: dax:{action} on") as raised:
        getattr(cluster.dax, method)(**request)

    assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
    assert not cluster.table.sent
    assert (cluster.get("a"), cluster.list("a")) == ("old", ["old"])


def test_roles_share_the_caches_of_a_cluster() -> None:
    cluster = Cluster(item("a"))
    reader = cluster.dax.for_role("read-only")
    cluster.get("a")

    reader.get_item(TableName=TABLE, Key=key("a"))

    assert cluster.table.sent["get_item"] == 1
    with pytest.raises(ClientError, match="dax:DeleteItem"):
        reader.delete_item(TableName=TABLE, Key=key("a"))


def test_transaction_needs_the_actions_of_its_elements() -> None:
    elements = [{"Put": {}}, {"ConditionCheck": {}}, {"Delete": {}}]

    actions = needed_actions("TransactWriteItems", {"TransactItems": elements})

    assert list(actions) == ["PutItem", "ConditionCheckItem", "DeleteItem"]


def test_policies_name_the_nine_published_actions() -> None:
    assert len(ROLES["read/write"]) == 9
    assert '"dax:PutItem"' in policy_of("read/write")
    assert '"dax:PutItem"' not in policy_of("read-only")
    with pytest.raises(BadParameter, match="one of read-only, read/write"):
        policy_of("admin")
