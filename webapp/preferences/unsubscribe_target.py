"""Target of an unsubscribe link: one filter, or a whole channel."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from fmn.delivery.signed_links import UnsubscribeScope
from fmn.filters.editing import set_filter_enabled
from fmn.filters.group_filters import opt_in, opt_out, opted_out
from fmn.filters.models import Filter
from fmn.people.models import Preference, User
from fmn.people.preferences import set_enabled


@dataclass
class UnsubscribeTarget:
    """What an unsubscribe link stops: the filter ``chosen``, or without it the whole preference.

    Of a filter that is from a ``group``, it's this person's share: they opt out of all that the group has.
    """

    nick: str
    preference: Preference
    chosen: Filter | None
    opted_out: bool = False

    @property
    def group(self) -> str:
        """The group that the filter is from, ``""`` for one of the person's own."""
        return "" if self.chosen is None else self.chosen.group_name or ""

    @property
    def filter_id(self) -> int | None:
        """The filter's id."""
        return self.chosen.id if self.chosen else None

    @property
    def active(self) -> bool:
        """Whether the filter or channel is switched on."""
        if self.group:
            return not self.opted_out
        return self.preference.enabled if self.chosen is None else self.chosen.enabled

    @property
    def is_delivered(self) -> bool:
        """Whether its notifications are sent: both the filter and its channel are on."""
        return self.active and self.preference.enabled

    def switch(self, session: Session, *, on: bool) -> None:
        """Switch it on or off, starting with the next message. Idempotent."""
        if self.group:
            (opt_in if on else opt_out)(session, self.preference.user_id, self.group)
            self.opted_out = not on
        elif self.chosen is not None:
            set_filter_enabled(session, self.chosen.id, enabled=on)
        else:
            set_enabled(session, self.preference, on=on)


def unsubscribe_target(session: Session, link: UnsubscribeScope) -> UnsubscribeTarget | None:
    """The target of a link; ``None`` if it was deleted."""
    row = session.execute(
        select(User.nick, Preference, Filter)
        .join(Preference, Preference.user_id == User.id)
        .outerjoin(Filter, _is_chosen(link) & (
            (Filter.preference_id == Preference.id) | Filter.group_name.is_not(None)))
        .where(Preference.has_public_id(link.preference))).one_or_none()
    if row is None:
        return None
    nick, preference, chosen = row
    if link.public_filter_id is not None and chosen is None:
        return None
    found = UnsubscribeTarget(nick, preference, chosen)
    found.opted_out = bool(found.group) and found.group in opted_out(session, preference.user_id)
    return found


def _is_chosen(link: UnsubscribeScope) -> ColumnElement[bool]:
    return false() if link.public_filter_id is None else Filter.has_public_id(link.public_filter_id)
