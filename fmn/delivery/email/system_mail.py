"""Mails that are about no notification, decided before either of their parts is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fmn.delivery.contract import Letter, Outgoing
from fmn.delivery.email.mail_content import Way
from fmn.delivery.signed_links import Links


@dataclass(frozen=True, slots=True)
class Notice:
    """What both parts of such a mail say."""

    headline: str
    paragraphs: Sequence[str]
    because: str
    #: What the reader is asked to do, if anything.
    action: Way | None
    #: Where all mails stop. Whoever is asked whether an address is theirs gets no others.
    stop: Way | None
    #: What the reader can do about it.
    ways: Sequence[Way]


def notice_of(outgoing: Outgoing, letter: Letter, links: Links) -> Notice:
    """The mail of a letter."""
    if letter.confirmation is not None:
        action = Way("Confirm this address", links.confirm(letter.confirmation))
        return Notice(letter.subject, letter.paragraphs, letter.because, action, None, ())
    stop = Way("Stop all of these mails", links.unsubscribe(outgoing.preference, None))
    settings = Way("Your settings", links.preference("email"))
    return Notice(letter.subject, letter.paragraphs, letter.because, None, stop, (stop, settings))
