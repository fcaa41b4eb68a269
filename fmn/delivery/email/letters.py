"""The letter: all that a mail says, decided before either of its parts is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fmn.delivery.contract import Outgoing
from fmn.delivery.links import Links
from fmn.delivery.notes import DELETED, Note, application_of, busiest, name, note_of, period

#: A digest's summary names this many applications, and counts the rest together.
_NAMED_APPLICATIONS = 10


class Way(NamedTuple):
    """Something the reader can do, and where."""

    label: str
    link: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What both parts of a mail say. ``left_out`` notifications had no room and are in the inbox only."""

    notes: Sequence[Note]
    left_out: int
    #: From which applications, the busiest first: ``("7 from Bodhi", "5 from dist-git")``.
    shares: Sequence[str]
    period: str
    #: To whom it goes, and which filter let it through where it was one.
    because: str
    #: Where to stop it: what a mail program's own button for that leads to as well.
    stop: Way
    settings: Way
    inbox: Way

    @property
    def is_digest(self) -> bool:
        """Whether it tells of more than one notification."""
        return len(self.notes) + self.left_out > 1

    @property
    def headline(self) -> str:
        """What a digest is, in two words."""
        return f"{len(self.notes) + self.left_out:,} notifications"

    @property
    def remainder(self) -> str:
        """How many are left out, ``""`` if none is."""
        return f"{self.left_out:,} more had no room in this mail." if self.left_out else ""

    @property
    def ways(self) -> Sequence[Way]:
        """What the reader can do about it."""
        why = () if self.is_digest else (Way("Why you got this", self.notes[0].why),)
        return (*why, self.stop, self.settings)


def letter_of(outgoing: Outgoing, applications: Mapping[str, str], links: Links) -> Letter:
    """The letter of a delivery, with everything in it however long."""
    filters = {item.filter_id: item.filter_name for item in outgoing.items}
    only = next(iter(filters)) if len(filters) == 1 else None
    shares = busiest((application_of(item, applications) for item in outgoing.items), _NAMED_APPLICATIONS)
    return Letter(
        notes=[note_of(item, applications, links) for item in outgoing.items],
        left_out=0,
        shares=[f"{count:,} from {application}" for application, count in shares],
        period=period([item.message.sent_at for item in outgoing.items]),
        because=_because(outgoing, filters),
        stop=Way("Stop all of these mails" if only is None else "Stop this filter",
                 links.unsubscribe(outgoing.preference_id, only)),
        settings=Way("Your settings", links.preference("email")),
        inbox=Way("Your inbox has all of them", links.inbox()),
    )


def _because(outgoing: Outgoing, filters: Mapping[int | None, str]) -> str:
    nick = name(outgoing.nick)
    if len(filters) > 1:
        return f"Sent to {nick} by {len(filters):,} filters."
    for filter_id, filter_name in filters.items():
        if filter_id is not None:
            return f'Sent to {nick} by the filter "{name(filter_name)}".'
    return f"Sent to {nick} by {DELETED}."
