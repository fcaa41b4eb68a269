"""Sections of a digest: one for each group of related notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fmn.delivery.contract import RenderedNotification
from fmn.delivery.headline import notifications_text
from fmn.delivery.notification_groups import NotificationGroup
from fmn.delivery.notification_text import (
    NotificationText,
    clock,
    day_of,
    minute,
    notification_text,
    period,
    shown,
)
from fmn.delivery.signed_links import Links
from fmn.localized import number_text
from fmn.people.preferences import Presentation
from fmn.translations import gettext, ngettext

#: Notifications of one group that are listed: as many lines as one runs an eye over, so that the next group
#: is still on the screen. More are counted.
MAX_LISTED = 12
#: Notifications in a group of which the texts are shown as well: people's words on one update, say. What
#: there's more of is read by its lines, or not at all.
MAX_WITH_TEXTS = 5


@dataclass(frozen=True, slots=True)
class DigestSection:
    """Related notifications under one summary, of which those in ``notes`` are listed; often just one.

    ``summary`` is ``""`` where a mail says it as its headline.
    """

    summary: str
    application: str
    period: str
    #: Which filter let them through, or how many did; ``""`` for readers who don't want to hear that.
    filters: str
    notes: Sequence[NotificationText]
    #: How many notifications it's about.
    count: int

    @property
    def is_group(self) -> bool:
        """Whether it has more than one notification."""
        return self.count > 1

    @property
    def more(self) -> str:
        """How many notifications aren't listed, ``""`` if all are."""
        unlisted = self.count - len(self.notes)
        return gettext("{number} more of these.").format(number=number_text(unlisted)) if unlisted else ""

    @property
    def about(self) -> Sequence[str]:
        """Facts below a group's summary: application, number, period and filters."""
        return [part for part in (self.application, self.number, self.period, self.filters) if part]

    @property
    def number(self) -> str:
        """Number of notifications, as text."""
        return notifications_text(self.count)

    def when(self, note: NotificationText) -> str:
        """Time of a notification; with the day unless all are of the same day."""
        days = {day_of(listed.sent_at) for listed in self.notes}
        return clock(note.sent_at) if len(days) == 1 else minute(note.sent_at)


def digest_section(
    group: NotificationGroup, applications: Mapping[str, str], links: Links, presentation: Presentation,
) -> DigestSection:
    """Make the section of a group."""
    notes = [notification_text(item, applications, links, presentation) for item in group.items[:MAX_LISTED]]
    if len(group.items) > MAX_WITH_TEXTS:
        notes = [replace(note, long="") for note in notes]
    return DigestSection(
        summary=shown(group.summary),
        application=notes[0].application,
        period=period([item.message.sent_at for item in group.items]),
        filters=_filters(group.items, notes[0]) if presentation.trigger_links else "",
        notes=notes,
        count=len(group.items),
    )


def _filters(items: Sequence[RenderedNotification], first: NotificationText) -> str:
    number = len({item.filter_id for item in items})
    return first.filter_name if number == 1 else ngettext(
        "{number} filter", "{number} filters", number).format(number=number_text(number))
