"""The command ``confirm CODE``: the only one that an unknown sender may use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.channels import channel_title, mask_address
from fmn.delivery.signed_links import Links
from fmn.people.confirmations import ConfirmationOutcome, ConfirmationResult

_SENTENCES: Final[Mapping[ConfirmationOutcome, str]] = {
    ConfirmationOutcome.WRONG: "That isn’t the code for {value}. Your page of {title} shows what to say: "
        "{page}",
    ConfirmationOutcome.TOO_MANY_TRIES: "Wrong codes were said too often, so none works any more. Have a "
        "new one made: {page}",
    ConfirmationOutcome.EXPIRED: "That code doesn’t work any more. Have a new one made: {page}",
    ConfirmationOutcome.GONE: "{value} was removed from that account, so its code is worth nothing. Add it "
        "again: {page}",
    ConfirmationOutcome.TAKEN: (
        "{value} belongs to another account here. If that one is yours too, remove it there first; if not, "
        "ask whoever runs FMN for your project."),
}


def describe_outcome(found: ConfirmationResult, links: Links) -> str:
    """What came of it."""
    page, title = links.preference(found.context), channel_title(found.context)
    if found.outcome in _SENTENCES:
        return _SENTENCES[found.outcome].format(value=found.value, title=title, page=page)
    # It has been confirmed, now or before.
    assert found.address is not None
    told = f"{found.value} is confirmed for the account {found.nick}."
    if not found.address.preference.enabled:
        return f"{told} Nothing is sent by {title} yet: say “start” to switch it on."
    return f"{told} What its filters let through comes here, from the next message on. Say “help” for more."


def missing_code_reply(context: str, links: Links) -> str:
    """What is said to whoever says that they confirm, but not with what."""
    page = links.preference(context)
    return f"Say the code, too: “confirm ABCD-EFGH”. Your page of {channel_title(context)} shows it: {page}"


def unknown_sender_reply(context: str, sender: str, links: Links) -> str:
    """How to begin, for somebody who wrote to us and has no account with their address."""
    return (
        f"I don’t know whose {mask_address(context, sender)} is. To be told here what concerns you, add it "
        f"to your "
        f"account: {links.preference(context)}")
