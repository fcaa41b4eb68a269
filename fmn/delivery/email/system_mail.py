"""Content of system mails, from which both parts are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fmn.delivery.contract import RenderedDelivery, SystemMessage
from fmn.delivery.email.mail_content import ActionLink
from fmn.delivery.signed_links import Links
from fmn.translations import gettext


@dataclass(frozen=True, slots=True)
class SystemMail:
    """Content of both parts of a system mail."""

    headline: str
    paragraphs: Sequence[str]
    because: str
    #: What the reader is asked to do, if anything.
    action: ActionLink | None
    #: Where all mails stop. Whoever is asked whether an address is theirs gets no others.
    stop: ActionLink | None
    #: What the reader can do about it.
    actions: Sequence[ActionLink]


def system_mail(delivery: RenderedDelivery, system_message: SystemMessage, links: Links) -> SystemMail:
    """Make the content of a system message's mail."""
    if system_message.confirmation is not None:
        action = ActionLink(gettext("Confirm this address"), links.confirm(system_message.confirmation))
        return SystemMail(
            system_message.subject, system_message.paragraphs, system_message.because, action, None, ())
    stop = ActionLink(gettext("Stop all of these mails"), links.unsubscribe(delivery.preference, None))
    settings = ActionLink(gettext("Your settings"), links.preference("email"))
    return SystemMail(system_message.subject, system_message.paragraphs, system_message.because, None, stop, (
        stop, settings))
