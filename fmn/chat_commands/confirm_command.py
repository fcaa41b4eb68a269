"""Saying a code from the address that it confirms: all that the desk does for whom it doesn't know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.channels import shown, title_of
from fmn.delivery.signed_links import Links
from fmn.people.confirmations import Asked, Outcome

_SENTENCES: Final[Mapping[Outcome, str]] = {
    Outcome.WRONG: "That isn’t the code for {value}. Your page of {title} shows what to say: {page}",
    Outcome.WORN: "Wrong codes were said too often, so none works any more. Have a new one made: {page}",
    Outcome.EXPIRED: "That code doesn’t work any more. Have a new one made: {page}",
    Outcome.GONE: "{value} was removed from that account, so its code is worth nothing. Add it again: {page}",
    Outcome.TAKEN: (
        "{value} belongs to another account here. If that one is yours too, remove it there first; if not, "
        "ask whoever runs FMN for your project."),
}


def outcome_in_words(found: Asked, links: Links) -> str:
    """What came of it."""
    page, title = links.preference(found.context), title_of(found.context)
    if found.outcome in _SENTENCES:
        return _SENTENCES[found.outcome].format(value=found.value, title=title, page=page)
    # It has been confirmed, now or before.
    assert found.address is not None
    told = f"{found.value} is confirmed for the account {found.nick}."
    if not found.address.preference.enabled:
        return f"{told} Nothing is sent by {title} yet: say “start” to switch it on."
    return f"{told} What its filters let through comes here, from the next message on. Say “help” for more."


def without_code(context: str, links: Links) -> str:
    """What is said to whoever says that they confirm, but not with what."""
    page = links.preference(context)
    return f"Say the code, too: “confirm ABCD-EFGH”. Your page of {title_of(context)} shows it: {page}"


def to_a_stranger(context: str, sender: str, links: Links) -> str:
    """How to begin, for somebody who wrote to us and has no account with their address."""
    return (
        f"I don’t know whose {shown(context, sender)} is. To be told here what concerns you, add it to your "
        f"account: {links.preference(context)}")
