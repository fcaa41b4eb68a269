"""The letter: all that a mail says, decided before either of its parts is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from fmn.delivery.contract import Outgoing
from fmn.delivery.email.digest_sections import Section, section_of
from fmn.delivery.notification_groups import groups_of
from fmn.delivery.notification_text import DELETED, Note, application_of, busiest, name, period
from fmn.delivery.signed_links import Links
from fmn.infra.public_ids import RowName

#: A digest's summary names this many applications, and counts the rest together.
_NAMED_APPLICATIONS = 10


class Way(NamedTuple):
    """Something the reader can do, and where."""

    label: str
    link: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What both parts of a mail say. What has no room is in no section, only in the inbox."""

    #: What it tells of at all, in one line: a sentence, or how many notifications.
    headline: str
    #: What more there's to say of all of them: how many, since when, from which applications.
    about: Sequence[str]
    sections: Sequence[Section]
    #: How many notifications it's about.
    count: int
    #: To whom it goes, and which filter let it through where it was one.
    because: str
    #: Where to stop it: what a mail program's own button for that leads to as well.
    stop: Way
    settings: Way
    inbox: Way

    @property
    def is_digest(self) -> bool:
        """Whether it tells of more than one notification."""
        return self.count > 1

    @property
    def note(self) -> Note:
        """The first notification, which is the only one unless it's a digest."""
        return self.sections[0].notes[0]

    @property
    def remainder(self) -> str:
        """How many are in no section, ``""`` if none is."""
        left_out = self.count - sum(section.count for section in self.sections)
        return f"{left_out:,} more had no room in this mail." if left_out else ""

    @property
    def ways(self) -> Sequence[Way]:
        """What the reader can do about it."""
        tells_why = self.note.tells_why and not self.is_digest
        why = (Way("Why you got this", self.note.why),) if tells_why else ()
        return (*why, self.stop, self.settings)


def letter_of(outgoing: Outgoing, applications: Mapping[str, str], links: Links) -> Letter:
    """The letter of a delivery, with everything in it however long."""
    filters = {item.chosen: item.filter_name for item in outgoing.items}
    only = next(iter(filters)) if len(filters) == 1 else None
    sections = [
        section_of(group, applications, links, outgoing.presentation) for group in groups_of(outgoing.items)]
    headline, about = _summary(outgoing, sections, applications)
    if sections[0].is_group and _is_one_thing(outgoing, sections):
        sections = [replace(sections[0], summary="")]
    return Letter(
        headline=headline,
        about=about,
        sections=sections,
        count=outgoing.count,
        because=_because(outgoing, filters),
        stop=Way("Stop all of these mails" if only is None else "Stop this filter",
                 links.unsubscribe(outgoing.preference, only)),
        settings=Way("Your settings", links.preference("email")),
        inbox=Way("Your inbox has all of them", links.inbox()),
    )


def _summary(
    outgoing: Outgoing, sections: Sequence[Section], applications: Mapping[str, str],
) -> tuple[str, Sequence[str]]:
    """The headline, and what is below it."""
    first, note = sections[0], filter(None, [outgoing.remarks])
    if _is_one_thing(outgoing, sections):
        return first.summary, (*note, f"{first.number} from {first.application}", first.period)
    found = busiest((application_of(item, applications) for item in outgoing.items), _NAMED_APPLICATIONS)
    shares = ", ".join(f"{count:,} from {application}" for application, count in found)
    when = period([item.message.sent_at for item in outgoing.items])
    if outgoing.more:
        when = f"The first {len(outgoing.items):,} of them: {when}"
    return f"{outgoing.count:,} notifications", (*note, when, shares)


def _is_one_thing(outgoing: Outgoing, sections: Sequence[Section]) -> bool:
    """Whether one sentence says all that there is."""
    return len(sections) == 1 and not outgoing.more


def _because(outgoing: Outgoing, filters: Mapping[RowName | None, str]) -> str:
    # A single has no place above for what a digest says first of all.
    note = outgoing.remarks if outgoing.count == 1 else ""
    return f"{note} {_by_whom(outgoing, filters)}".lstrip()


def _by_whom(outgoing: Outgoing, filters: Mapping[RowName | None, str]) -> str:
    nick = name(outgoing.nick)
    if not outgoing.presentation.trigger_links:
        return f"Sent to {nick}."
    if len(filters) > 1:
        return f"Sent to {nick} by {len(filters):,} filters."
    for chosen, filter_name in filters.items():
        if chosen is not None:
            return f'Sent to {nick} by the filter "{name(filter_name)}".'
    return f"Sent to {nick} by {DELETED}."
