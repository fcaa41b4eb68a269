"""Address list of a context's page: status, instructions and actions of each address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from fmn.channels import ChannelType, Proof, repair_hint
from fmn.infra.public_ids import PublicId
from fmn.ledger.models import Delivery, DeliveryState
from fmn.people.addresses import AddressStatus, ListedAddress
from fmn.text import sentence

FormatTime = Callable[[datetime], str]
#: What somebody says to us to confirm an address, by the confirmation's id.
ConfirmationPhrase = Callable[[PublicId], str]


class _ConfirmationTexts(NamedTuple):
    """Texts for one way of confirming addresses."""

    waiting: str
    expired: str
    never: str
    undelivered: str
    resend_label: str
    first: str
    #: What comes of it when somebody gives their first one.
    begin: str


_CONFIRMATION_TEXTS: Final[Mapping[Proof, _ConfirmationTexts]] = {
    Proof.LINK: _ConfirmationTexts(
        waiting="Open the link we sent {since}. Check the spam folder too. It expires {until}.",
        expired="The link we sent {since} has expired.", never="We haven’t sent a link yet.",
        undelivered="The link couldn’t be delivered", resend_label="Send new link",
        first="open the link we send there",
        begin="We’ll email you a link. We send nothing else until you open it."),
    Proof.CODE: _ConfirmationTexts(
        waiting="Type the code we sent {since}. It expires {until}.",
        expired="The code we sent {since} has expired.",
        never="We haven’t sent a code yet.", undelivered="The code couldn’t be delivered",
        resend_label="Send new code", first="type the code we send there",
        begin="We’ll send a code to this address. We send nothing else until you type it here."),
    Proof.REPLY: _ConfirmationTexts(
        waiting="Send this message from your {title} nick {name}. It expires {until}.",
        expired="The code created {since} has expired.", never="No code yet.",
        undelivered="", resend_label="Create new code", first="send the message shown here from your nick",
        begin="We’ll show you a message to send from your nick. We send nothing until you do."),
}


@dataclass(frozen=True)
class AddressListItem:
    """An address without its secrets, with its status in a word (``state``) and a sentence (``words``).

    ``confirmation_phrase`` is the message to send from the address, ``takes_code`` whether a code can be
    typed. ``resend_label`` labels the button for a new link or code, ``urgent`` if nothing else helps.
    ``can_be_tested`` and ``removable`` say which buttons there are. ``since`` is when it was confirmed.
    """

    id: int
    name: str
    state: str
    kind: str
    words: str
    confirmation_phrase: str = ""
    takes_code: bool = False
    resend_label: str = ""
    urgent: bool = False
    can_be_tested: bool = False
    since: str = ""
    removable: bool = True


def address_field_label(about: ChannelType) -> str:
    """Label of the address field."""
    return f"{about.label}, such as {about.example}" if about.example else about.label


def no_address_hint(about: ChannelType) -> str:
    """Text for an empty address list."""
    return f"Add an address and {_confirmation_texts(about).first} to get notifications."


def address_field_hint(about: ChannelType) -> str:
    """Hint of the first address field: how the address will be confirmed."""
    if about.proof is Proof.ACCOUNT:
        return "Notifications go to your account. You don’t need to confirm anything."
    return _confirmation_texts(about).begin


def address_list_items(
    about: ChannelType, addresses: Sequence[ListedAddress], deliveries: Mapping[int, Delivery],
    when: FormatTime, phrase: ConfirmationPhrase,
) -> Sequence[AddressListItem]:
    """List items of a context's addresses; ``deliveries`` are confirmations' deliveries by their id."""
    return [
        _list_item(
            about, each, deliveries.get(each.confirmation.id) if each.confirmation else None, when, phrase)
        for each in addresses]


def _list_item(
    about: ChannelType, it: ListedAddress, delivery: Delivery | None, when: FormatTime,
    phrase: ConfirmationPhrase,
) -> AddressListItem:
    name = about.mask(it.value)
    if it.status is AddressStatus.CONFIRMED:
        return AddressListItem(
            it.id, name, "Confirmed", "good", f"We send your notifications by {about.title} here.",
            can_be_tested=True, since=when(it.since) if it.since else "",
            removable=about.proof is not Proof.ACCOUNT)
    words = _confirmation_texts(about)
    if it.status is AddressStatus.STOPPED:
        since = f"We stopped sending here {when(it.since)}" if it.since else "We stopped sending here"
        repair = repair_hint(about.name) or "Fix the cause, then confirm the address again."
        return AddressListItem(
            it.id, name, "Stopped", "bad", f"{sentence(f'{since}: {it.reason}')} {repair}",
            resend_label="" if about.repair else words.resend_label, urgent=True)
    told, failed = _confirmation_status(about, it, delivery, when)
    waits = it.status is AddressStatus.WAITING and not failed
    return AddressListItem(
        it.id, name, "Pending" if waits else "Not confirmed", "" if waits else "bad", told,
        confirmation_phrase=phrase(it.confirmation) if waits and about.proof is Proof.REPLY
        and it.confirmation else "",
        takes_code=waits and about.proof is Proof.CODE, resend_label=words.resend_label,
        urgent=it.status is not AddressStatus.WAITING)


def _confirmation_status(
    about: ChannelType, it: ListedAddress, delivery: Delivery | None, when: FormatTime,
) -> tuple[str, bool]:
    """Status of a confirmation as a sentence, and whether its delivery failed."""
    words = _confirmation_texts(about)
    if delivery is not None and delivery.state == DeliveryState.FAILED:
        return f"{words.undelivered}: {delivery.reason}. Check the address.", True
    if delivery is not None and delivery.state == DeliveryState.WAITING and delivery.reason:
        return f"{words.undelivered} yet: {delivery.reason}. We’ll try again.", False
    if it.since is None:
        return words.never, False
    told = words.waiting if it.status is AddressStatus.WAITING else words.expired
    until = when(it.until) if it.until else ""
    return told.format(
        since=when(it.since), until=until, title=about.title, name=about.mask(it.value)), False


def _confirmation_texts(about: ChannelType) -> _ConfirmationTexts:
    return _CONFIRMATION_TEXTS.get(about.proof, _CONFIRMATION_TEXTS[Proof.LINK])
