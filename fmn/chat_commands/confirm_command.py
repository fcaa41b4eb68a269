"""The command ``confirm``, the only one for senders without a confirmed address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.channels import channel_title, mask_address
from fmn.delivery.signed_links import Links
from fmn.people.confirmations import ConfirmationOutcome, ConfirmationResult

_SENTENCES: Final[Mapping[ConfirmationOutcome, str]] = {
    ConfirmationOutcome.WRONG: "That isn’t the code for {value}. Your {title} page shows the code: "
        "{page}",
    ConfirmationOutcome.TOO_MANY_TRIES: "Too many wrong codes. Get a new one: {page}",
    ConfirmationOutcome.EXPIRED: "This code has expired. Get a new one: {page}",
    ConfirmationOutcome.GONE: "{value} was removed from that account. Add it again to get a new code: "
        "{page}",
    ConfirmationOutcome.TAKEN: (
        "{value} belongs to another account. If that account is yours, remove the address there first. "
        "If not, ask the administrators of FMN."),
}


def describe_outcome(found: ConfirmationResult, links: Links) -> str:
    """Reply to a confirmation by its outcome."""
    page, title = links.preference(found.context), channel_title(found.context)
    if found.outcome in _SENTENCES:
        return _SENTENCES[found.outcome].format(value=found.value, title=title, page=page)
    # It has been confirmed, now or before.
    assert found.address is not None
    told = f"{found.value} is confirmed for the account {found.nick}."
    if not found.address.preference.enabled:
        return f"{told} Notifications by {title} are off. Say “start” to switch them on."
    return f"{told} Its notifications come here, starting with the next message. Say “help” for commands."


def missing_code_reply(context: str, links: Links) -> str:
    """Reply to ``confirm`` without a code."""
    page = links.preference(context)
    return f"Add the code: “confirm ABCD-EFGH”. Your {channel_title(context)} page shows it: {page}"


def unknown_sender_reply(context: str, sender: str, links: Links) -> str:
    """Reply to a sender whose address belongs to no account."""
    return (
        f"{mask_address(context, sender)} belongs to no account. To get notifications here, add it to yours: "
        f"{links.preference(context)}")
