"""States of a delivery and the functions that lead from one to another, as a graph. Pure.

Nodes are those of :class:`fmn.ledger.models.DeliveryState`. A test compares the edges with the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from fmn.ledger.models import DeliveryState

#: Where a delivery is before there is one.
NEW: Final = "new"
WAITING, SENT, FAILED, DROPPED = (
    DeliveryState.WAITING.value, DeliveryState.SENT.value, DeliveryState.FAILED.value,
    DeliveryState.DROPPED.value)


class Transition(NamedTuple):
    """What leads from one state to another, and the function of FMN that records it."""

    start: str
    end: str
    cause: str
    module: str
    function: str


#: Those between the same two states stand together: they're one arrow.
TRANSITIONS: Final[Sequence[Transition]] = (
    Transition(NEW, WAITING, "notification or digest", "fmn.ledger.outbox", "delivery_row"),
    Transition(NEW, WAITING, "system message", "fmn.ledger.system_deliveries", "send_account_notice"),
    Transition(
        NEW, DROPPED, "no confirmed address,\nor the channel is off", "fmn.ledger.outbox", "delivery_row"),
    Transition(
        WAITING, WAITING, "attempt failed:\nretry after 30 s to 6 h", "fmn.ledger.deliveries",
        "schedule_retry"),
    Transition(WAITING, WAITING, "quiet hours", "fmn.ledger.deliveries", "reschedule"),
    Transition(WAITING, SENT, "accepted by the other side", "fmn.ledger.deliveries", "finish_sent"),
    Transition(
        WAITING, FAILED, "refused for good,\nor given up after 5 days", "fmn.ledger.deliveries", "finish"),
    Transition(
        WAITING, FAILED, "in doubt after\nfmn db restored --sent-until",
        "fmn.administration.restored_database", "finish_restore"),
    Transition(WAITING, DROPPED, "no longer wanted", "fmn.ledger.deliveries", "finish"),
    Transition(WAITING, DROPPED, "recovered in time", "fmn.ledger.outbox", "drop_notifications"),
    Transition(
        WAITING, DROPPED, "fmn deliveries discard\n--waiting", "fmn.ledger.failed_deliveries", "discard"),
    Transition(SENT, FAILED, "bounced", "fmn.ledger.failing_addresses", "mark_bounced"),
    Transition(FAILED, WAITING, "fmn deliveries requeue", "fmn.ledger.failed_deliveries", "retry"),
    Transition(FAILED, DROPPED, "fmn deliveries discard", "fmn.ledger.failed_deliveries", "discard"),
)


def draw() -> str:
    """The graph in Graphviz's language."""
    lines = [f'  {state.value} [label="{state.value}"];' for state in DeliveryState]
    for (start, end), steps in groupby(TRANSITIONS, key=lambda each: (each.start, each.end)):
        causes = ";\n".join(each.cause for each in steps).replace("\n", "\\n")
        lines.append(f'  {start} -> {end} [label=" {causes} "];')
    return "\n".join((
        'digraph "States of a delivery" {',
        '  bgcolor="white"; pad="0.3"; nodesep="0.7"; ranksep="0.6";',
        '  node [shape=box style="rounded,filled" fillcolor="#e8f0f8" color="#44586b"];',
        '  node [fontcolor="#16202a" fontname="Helvetica,Arial,sans-serif" fontsize=13];',
        '  edge [color="#44586b" fontcolor="#16202a" fontname="Helvetica,Arial,sans-serif" fontsize=11];',
        f'  {NEW} [shape=circle label="" width=0.2 fillcolor="#44586b"];',
        *lines, "}"))


def describe() -> str:
    """The graph in words."""
    return "; ".join(f"{_step(each)} ({' '.join(each.cause.split())})" for each in TRANSITIONS) + "."


def _step(each: Transition) -> str:
    if each.start == each.end:
        return f"{each.start} stays {each.end}"
    return f"{'a new delivery' if each.start == NEW else each.start} becomes {each.end}"
