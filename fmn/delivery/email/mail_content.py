"""Content of a digest's mail, from which both parts are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.email.digest_sections import DigestSection, digest_section
from fmn.delivery.headline import digest_headline
from fmn.delivery.notification_groups import group_notifications
from fmn.delivery.notification_text import (
    application_of,
    most_frequent,
    name,
    period,
)
from fmn.delivery.signed_links import Links
from fmn.localized import number_text
from fmn.translations import gettext, ngettext

#: A digest's summary names this many applications, and counts the rest together.
_NAMED_APPLICATIONS = 10


class ActionLink(NamedTuple):
    """A link to something that the reader can do, and its label."""

    label: str
    url: str


class Footer(Protocol):
    """What a mail's footer says: why it was sent, and what its reader can do."""

    @property
    def because(self) -> str:
        """To whom it goes, and which filter let it through where it was one."""

    @property
    def actions(self) -> Sequence[ActionLink]:
        """The links."""


@dataclass(frozen=True, slots=True)
class MailContent:
    """Content of both parts of a digest's mail. Notifications that don't fit are only counted."""

    #: The first line: the summary, or how many notifications there are, the failures first.
    headline: str
    #: What more there's to say of all of them: how many, since when, from which applications.
    about: Sequence[str]
    sections: Sequence[DigestSection]
    #: How many notifications it's about.
    count: int
    #: To whom it goes, and which filter let it through where it was one.
    because: str
    #: Where to stop it: what a mail program's own button for that leads to as well.
    stop: ActionLink
    settings: ActionLink
    inbox: ActionLink

    @property
    def remainder(self) -> str:
        """How many notifications are in no section, ``""`` if all are in one."""
        left_out = self.count - sum(section.count for section in self.sections)
        return more_text(left_out) if left_out else ""

    @property
    def actions(self) -> Sequence[ActionLink]:
        """Links of the footer."""
        return self.stop, self.settings


def mail_content(delivery: RenderedDelivery, applications: Mapping[str, str], links: Links) -> MailContent:
    """Make the content of a digest's mail, not shortened yet."""
    sections = [
        digest_section(group, applications, links, delivery.presentation)
        for group in group_notifications(delivery.items)]
    headline, about = _summary(delivery, sections, applications)
    if sections[0].is_group and _is_one_thing(delivery, sections):
        sections = [replace(sections[0], summary="")]
    return MailContent(
        headline=headline,
        about=about,
        sections=sections,
        count=delivery.count,
        because=sent_because(delivery),
        stop=stop_link(delivery, links),
        settings=settings_link(links),
        inbox=ActionLink(gettext("See all in your inbox"), links.inbox()),
    )


def _summary(
    delivery: RenderedDelivery, sections: Sequence[DigestSection], applications: Mapping[str, str],
) -> tuple[str, Sequence[str]]:
    """The headline, and the lines below it."""
    first, note = sections[0], filter(None, [delivery.remarks])
    if _is_one_thing(delivery, sections):
        return first.summary, (*note, gettext("{notifications} from {application}").format(
            notifications=first.number, application=first.application), first.period)
    found = most_frequent(
        (application_of(item, applications) for item in delivery.items), _NAMED_APPLICATIONS)
    shares = ", ".join(gettext("{number} from {application}").format(
        number=number_text(count), application=application) for application, count in found)
    when = period([item.message.sent_at for item in delivery.items])
    if delivery.more:
        when = gettext("The first {number} of them: {period}").format(
            number=number_text(len(delivery.items)), period=when)
    return digest_headline(delivery), (*note, when, shares)


def _is_one_thing(delivery: RenderedDelivery, sections: Sequence[DigestSection]) -> bool:
    """Whether one summary covers the whole delivery."""
    return len(sections) == 1 and not delivery.more


def more_text(number: int) -> str:
    """How many notifications a mail left out."""
    return ngettext(
        "{number} more didn't fit in this mail.", "{number} more didn't fit in this mail.",
        number).format(number=number_text(number))


def stop_link(delivery: RenderedDelivery, links: Links) -> ActionLink:
    """The link that stops such mails: the filter if there's one, else all of the preference."""
    first, *others = [item.public_filter_id for item in delivery.items] or [None]
    only = None if any(each != first for each in others) else first
    return ActionLink(
        gettext("Stop all of these mails") if only is None else gettext("Stop this filter"),
        links.unsubscribe(delivery.preference, only))


def settings_link(links: Links) -> ActionLink:
    """The link to the settings of mails."""
    return ActionLink(gettext("Your settings"), links.preference("email"))


def sent_because(delivery: RenderedDelivery) -> str:
    """A sentence: to whom a mail goes, and which filter let it through where it was one."""
    nick = name(delivery.nick)
    if not delivery.presentation.trigger_links:
        return gettext("Sent to {nick}.").format(nick=nick)
    filters = {item.public_filter_id: item.filter_name for item in delivery.items}
    if len(filters) > 1:
        return gettext("Sent to {nick} by {number} filters.").format(
            nick=nick, number=number_text(len(filters)))
    for public_filter_id, filter_name in filters.items():
        if public_filter_id is not None:
            return gettext('Sent to {nick} by the filter "{filter}".').format(
                nick=nick, filter=name(filter_name))
    return gettext("Sent to {nick} by a filter that has been deleted since.").format(nick=nick)
