"""Address list of a context's page: status, instructions and actions of each address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from fmn.channels import ChannelType, Proof, channel_title, repair_hint
from fmn.infra.public_ids import PublicId
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import reason_text
from fmn.people.addresses import AddressStatus, ListedAddress
from fmn.translations import gettext, mark

FormatTime = Callable[[datetime], str]
#: What somebody says to us to confirm an address, by the confirmation's id.
ConfirmationPhrase = Callable[[PublicId], str]


class _ConfirmationTexts(NamedTuple):
    """Texts for one way of confirming addresses."""

    waiting: str
    expired: str
    never: str
    undelivered: str
    retried: str
    resend_label: str
    first: str
    #: What comes of it when somebody gives their first one.
    begin: str


_CONFIRMATION_TEXTS: Final[Mapping[Proof, _ConfirmationTexts]] = {
    Proof.LINK: _ConfirmationTexts(
        waiting=mark("Open the link we sent {since}. Check the spam folder too. It expires {until}."),
        expired=mark("The link we sent {since} has expired."), never=mark("We haven’t sent a link yet."),
        undelivered=mark("The link couldn’t be delivered: {reason}. Check the address."),
        retried=mark("The link couldn’t be delivered yet: {reason}. We’ll try again."),
        resend_label=mark("Send new link"),
        first=mark("Add an address and open the link we send there to get notifications."),
        begin=mark("We’ll email you a link. We send nothing else until you open it.")),
    Proof.CODE: _ConfirmationTexts(
        waiting=mark("Type the code we sent {since}. It expires {until}."),
        expired=mark("The code we sent {since} has expired."),
        never=mark("We haven’t sent a code yet."),
        undelivered=mark("The code couldn’t be delivered: {reason}. Check the address."),
        retried=mark("The code couldn’t be delivered yet: {reason}. We’ll try again."),
        resend_label=mark("Send new code"),
        first=mark("Add an address and type the code we send there to get notifications."),
        begin=mark("We’ll send a code to this address. We send nothing else until you type it here.")),
    Proof.REPLY: _ConfirmationTexts(
        waiting=mark("Send this message from your {title} nick {name}. It expires {until}."),
        expired=mark("The code created {since} has expired."), never=mark("No code yet."),
        undelivered="", retried="", resend_label=mark("Create new code"),
        first=mark("Add an address and send the message shown here from your nick to get notifications."),
        begin=mark("We’ll show you a message to send from your nick. We send nothing until you do.")),
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
    if not about.example:
        return gettext(about.label)
    return gettext("{label}, such as {example}").format(label=gettext(about.label), example=about.example)


def no_address_hint(about: ChannelType) -> str:
    """Text for an empty address list."""
    return gettext(_confirmation_texts(about).first)


def address_field_hint(about: ChannelType) -> str:
    """Hint of the first address field: how the address will be confirmed."""
    if about.proof is Proof.ACCOUNT:
        return gettext("Notifications go to your account. You don’t need to confirm anything.")
    return gettext(_confirmation_texts(about).begin)


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
            it.id, name, gettext("Confirmed"), "good",
            gettext("We send your notifications by {channel} here.").format(
                channel=channel_title(about.name)),
            can_be_tested=True, since=when(it.since) if it.since else "",
            removable=about.proof is not Proof.ACCOUNT)
    words = _confirmation_texts(about)
    if it.status is AddressStatus.STOPPED:
        told = gettext("We stopped sending here {when}: {reason}") if it.since else gettext(
            "We stopped sending here: {reason}")
        reason = reason_text(it.reason)
        told = told.format(
            when=when(it.since) if it.since else "",
            reason=reason if reason.endswith((".", "?", "!")) else f"{reason}.")
        repair = repair_hint(about.name) or gettext("Fix the cause, then confirm the address again.")
        return AddressListItem(
            it.id, name, gettext("Stopped"), "bad", f"{told} {repair}",
            resend_label="" if about.repair else gettext(words.resend_label), urgent=True)
    told, failed = _confirmation_status(about, it, delivery, when)
    waits = it.status is AddressStatus.WAITING and not failed
    return AddressListItem(
        it.id, name, gettext("Pending") if waits else gettext("Not confirmed"), "" if waits else "bad", told,
        confirmation_phrase=phrase(it.confirmation) if waits and about.proof is Proof.REPLY
        and it.confirmation else "",
        takes_code=waits and about.proof is Proof.CODE, resend_label=gettext(words.resend_label),
        urgent=it.status is not AddressStatus.WAITING)


def _confirmation_status(
    about: ChannelType, it: ListedAddress, delivery: Delivery | None, when: FormatTime,
) -> tuple[str, bool]:
    """Status of a confirmation as a sentence, and whether its delivery failed."""
    words = _confirmation_texts(about)
    if delivery is not None and delivery.state == DeliveryState.FAILED:
        return gettext(words.undelivered).format(reason=reason_text(delivery.reason)), True
    if delivery is not None and delivery.state == DeliveryState.WAITING and delivery.reason:
        return gettext(words.retried).format(reason=reason_text(delivery.reason)), False
    if it.since is None:
        return gettext(words.never), False
    told = words.waiting if it.status is AddressStatus.WAITING else words.expired
    until = when(it.until) if it.until else ""
    return gettext(told).format(
        since=when(it.since), until=until, title=channel_title(about.name), name=about.mask(it.value)), False


def _confirmation_texts(about: ChannelType) -> _ConfirmationTexts:
    return _CONFIRMATION_TEXTS.get(about.proof, _CONFIRMATION_TEXTS[Proof.LINK])
