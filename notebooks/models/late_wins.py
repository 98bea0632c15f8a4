"""Wrong on purpose: as `workbench new` writes it, without the condition of the stream update."""

from collections.abc import Mapping
from typing import Any, ClassVar

from workbench.designs.messages import Item
from workbench.designs.skeleton import MyDesign


class LateWins(MyDesign):
    """Whatever message is handled last is shown as the last one."""

    name: ClassVar[str] = "late_wins"
    summary: ClassVar[str] = "two group items per conversation, and no condition"

    def _show_last_message(self, key: Item, message: Mapping[str, Any]) -> bool:
        self._client.update_item(
            TableName=self._table_name,
            Key=key,
            UpdateExpression="SET message = :text, last_reply_at = :created_at",
            ExpressionAttributeValues={":text": message["message"], ":created_at": message["sk"]},
        )
        return True
