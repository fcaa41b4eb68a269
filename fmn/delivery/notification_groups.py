"""Notifications told together: alike ones under one sentence, whatever channel tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fmn.catalog.group_summaries import sentence
from fmn.delivery.contract import Item
from fmn.digests.grouping import Event, grouped


@dataclass(frozen=True, slots=True)
class Group:
    """What is said of alike notifications, and they themselves, oldest first; often just one."""

    summary: str
    items: Sequence[Item]


def groups_of(items: Sequence[Item]) -> Sequence[Group]:
    """All the items, each in exactly one group, in the order of the groups' first events."""
    if len(items) == 1:
        return [Group(_summary(items), items)]
    return [Group(_summary(group), group) for group in grouped(items, _event_of)]


def _event_of(item: Item) -> Event:
    message, described = item.message, item.description
    kind = (message.category, described.kind, *described.telling.kind)
    return Event(kind, item.agent, item.packages, message.sent_at)


def _summary(items: Sequence[Item]) -> str:
    first = items[0].description.summary
    return first if len(items) == 1 else sentence([item.description.telling for item in items], first)
