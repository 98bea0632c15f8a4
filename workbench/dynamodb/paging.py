"""Pages of Query and Scan, asked for one after another, of clients that have no paginator."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Read = Callable[..., Mapping[str, Any]]


class Pages:
    """As boto3's paginators are used: `paginate` yields a response for each page."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def paginate(self, **request: Any) -> Iterator[Mapping[str, Any]]:
        """All pages from the one that is asked for on."""
        while True:
            page = self._read(**request)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}
