"""Measures how much waits now, for the installation's figures: tasks in queues, and due deliveries."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.administration.pending_work import pending_work
from fmn.administration.queues import BrokerUnavailableError, queues
from fmn.ledger.figures.series import DUE, QUEUE
from fmn.wiring import Services


def waiting_work(services: Services) -> Mapping[str, int]:
    """Values by series. Queues are left out while the broker is away."""
    with services.database.reading() as session:
        pending = pending_work(session, services.contexts, services.database.now())
    due = {f"{DUE}{each.context}": each.due for each in pending.backlogs}
    try:
        found = queues(services.settings.broker, services.partitions)
    except BrokerUnavailableError:
        return due
    return due | {f"{QUEUE}{each.name}": each.waiting for each in found}
