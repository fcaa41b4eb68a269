"""All operations, by subject, in the order in which they're described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from webapp.api import (
    account,
    addresses,
    contexts,
    events,
    filter_preview,
    filters,
    group_filters,
    groups,
    inbox,
    messages,
    mutes,
    preferences_io,
    rules,
    shares,
    triage,
    watches,
)
from webapp.api.operations import Operation

OPERATIONS_BY_TAG: Final[Mapping[str, Sequence[Operation]]] = {
    "Account": account.OPERATIONS,
    "Contexts": contexts.OPERATIONS,
    "Addresses": addresses.OPERATIONS,
    "Filters": filters.OPERATIONS,
    "Watches": watches.OPERATIONS,
    "Groups": (*groups.OPERATIONS, *group_filters.OPERATIONS),
    "Shared filters": shares.OPERATIONS,
    "Testing filters": filter_preview.OPERATIONS,
    "Rules": rules.OPERATIONS,
    "Inbox": (*inbox.OPERATIONS, *triage.OPERATIONS),
    "Messages": messages.OPERATIONS,
    "Mutes": mutes.OPERATIONS,
    "Publishing": events.OPERATIONS,
    "Import and export": preferences_io.OPERATIONS,
}


def allowed_methods(route: str) -> Sequence[str]:
    """What can be done at an address of the API. Those that only tell of it can be got."""
    return [
        each.method for operations in OPERATIONS_BY_TAG.values() for each in operations if each.route == route
    ] or ["GET"]
