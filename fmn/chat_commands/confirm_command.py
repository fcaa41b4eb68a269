"""The command ``confirm``, the only one for senders without a confirmed address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.channels import channel_title, mask_address
from fmn.delivery.signed_links import Links
from fmn.people.confirmations import ConfirmationOutcome, ConfirmationResult
from fmn.translations import gettext, mark

_SENTENCES: Final[Mapping[ConfirmationOutcome, str]] = {
    ConfirmationOutcome.WRONG: mark(
        "That isn’t the code for {value}. Your {title} page shows the code: {page}"),
    ConfirmationOutcome.TOO_MANY_TRIES: mark("Too many wrong codes. Get a new one: {page}"),
    ConfirmationOutcome.EXPIRED: mark("This code has expired. Get a new one: {page}"),
    ConfirmationOutcome.GONE: mark(
        "{value} was removed from that account. Add it again to get a new code: {page}"),
    ConfirmationOutcome.TAKEN: mark(
        "{value} belongs to another account. If that account is yours, remove the address there first. "
        "If not, ask the administrators of FMN."),
}


def describe_outcome(found: ConfirmationResult, links: Links) -> str:
    """Reply to a confirmation by its outcome."""
    page, title = links.preference(found.context), channel_title(found.context)
    if found.outcome in _SENTENCES:
        return gettext(_SENTENCES[found.outcome]).format(value=found.value, title=title, page=page)
    # It has been confirmed, now or before.
    assert found.address is not None
    told = gettext(
        "{value} is confirmed for the account {nick}. Its notifications come here, starting with the next "
        "message. Say “help” for commands.",
    ) if found.address.preference.enabled else gettext(
        "{value} is confirmed for the account {nick}. Notifications by {title} are off. Say “start” to "
        "switch them on.")
    return told.format(value=found.value, nick=found.nick, title=title)


def missing_code_reply(context: str, links: Links) -> str:
    """Reply to ``confirm`` without a code."""
    return gettext("Add the code: “confirm ABCD-EFGH”. Your {title} page shows it: {page}").format(
        title=channel_title(context), page=links.preference(context))


def unknown_sender_reply(context: str, sender: str, links: Links) -> str:
    """Reply to a sender whose address belongs to no account, so in English."""
    return (
        f"{mask_address(context, sender)} belongs to no account. To get notifications here, add it to yours: "
        f"{links.preference(context)}")
