"""Grouping of a delivery's notifications: related ones under one summary, in all channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fmn.catalog.group_summaries import group_summary
from fmn.delivery.contract import RenderedNotification
from fmn.digests.grouping import GroupableEvent, group_related


@dataclass(frozen=True, slots=True)
class NotificationGroup:
    """Related notifications, oldest first, and their summary; often just one."""

    summary: str
    items: Sequence[RenderedNotification]


def group_notifications(items: Sequence[RenderedNotification]) -> Sequence[NotificationGroup]:
    """Group notifications; groups are in the order of their first events."""
    if len(items) == 1:
        return [NotificationGroup(_summary(items), items)]
    return [NotificationGroup(_summary(group), group) for group in group_related(items, _event_of)]


def _event_of(item: RenderedNotification) -> GroupableEvent:
    message, described = item.message, item.description
    kind = (message.category, described.kind, *described.group_summary_part.group_key)
    return GroupableEvent(kind, item.agent, item.packages, message.sent_at)


def _summary(items: Sequence[RenderedNotification]) -> str:
    first = items[0].description.summary
    return first if len(items) == 1 else group_summary(
        [item.description.group_summary_part for item in items], first)
