"""What a link in a mail can stop, and stopping it: one filter, or everything of one context."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from fmn.delivery.signed_links import Unsubscribe
from fmn.filters.editing import set_filter_enabled
from fmn.filters.models import Filter
from fmn.people.models import Preference, User
from fmn.people.preferences import switch


@dataclass(frozen=True)
class Subscription:
    """Something that somebody is sent. Without ``chosen`` it's everything of the preference."""

    nick: str
    preference: Preference
    chosen: Filter | None

    @property
    def filter_id(self) -> int | None:
        """The filter's id."""
        return self.chosen.id if self.chosen else None

    @property
    def active(self) -> bool:
        """Whether it is switched on by itself."""
        return self.preference.enabled if self.chosen is None else self.chosen.enabled

    @property
    def arrives(self) -> bool:
        """Whether anything of it is sent: its context has to be on, too."""
        return self.active and self.preference.enabled

    def switch(self, session: Session, *, on: bool) -> None:
        """Switch it on or off, for the next message already. A second time changes nothing."""
        if self.chosen is not None:
            set_filter_enabled(session, self.chosen.id, enabled=on)
        else:
            switch(session, self.preference, on=on)


def subscription(session: Session, meant: Unsubscribe) -> Subscription | None:
    """What a link stands for; ``None`` if that has been deleted since."""
    row = session.execute(
        select(User.nick, Preference, Filter)
        .join(Preference, Preference.user_id == User.id)
        .outerjoin(Filter, (Filter.preference_id == Preference.id) & _is_chosen(meant))
        .where(Preference.is_row(meant.preference))).one_or_none()
    if row is None:
        return None
    nick, preference, chosen = row
    if meant.chosen is not None and chosen is None:
        return None
    return Subscription(nick, preference, chosen)


def _is_chosen(meant: Unsubscribe) -> ColumnElement[bool]:
    return false() if meant.chosen is None else Filter.is_row(meant.chosen)
