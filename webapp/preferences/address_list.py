"""Addresses as the page of a context shows them: how far each is, and what its owner has to do or may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from fmn.channels import ChannelType, Proof
from fmn.infra.public_ids import PublicId
from fmn.ledger.models import Delivery, DeliveryState
from fmn.people.addresses import AddressStatus, ListedAddress
from fmn.text import sentence

FormatTime = Callable[[datetime], str]
#: What somebody says to us to confirm an address, by the confirmation's id.
ConfirmationPhrase = Callable[[PublicId], str]


class _ConfirmationTexts(NamedTuple):
    """How a context's addresses are confirmed, in words."""

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
        waiting="Open the link that was sent there {since}; see the spam folder, too. It expires {until}.",
        expired="The link that was sent there {since} has expired.", never="Nothing was sent there yet.",
        undelivered="The letter couldn’t be delivered", resend_label="Send a new link",
        first="confirm it by the link that is sent there",
        begin="We send a letter there with a link. Nothing else goes there until you have opened it."),
    Proof.CODE: _ConfirmationTexts(
        waiting="Type the code that was sent there {since}. It expires {until}.",
        expired="The code that was sent there {since} doesn’t work any more.",
        never="Nothing was sent there yet.", undelivered="The code couldn’t be delivered",
        resend_label="Send a new code", first="confirm it by the code that is sent there",
        begin="We send a code there. Nothing else goes there until you have typed it here."),
    Proof.REPLY: _ConfirmationTexts(
        waiting="Say this by {title}, as {name} (it expires {until}):",
        expired="The code that was made {since} doesn’t work any more.", never="No code was made yet.",
        undelivered="", resend_label="Make a new code", first="say from there what this page shows then",
        begin="Afterwards we show you what to say from there. Nothing goes there until you have."),
}


@dataclass(frozen=True)
class AddressListItem:
    """An address without its secrets, its state in a word and what more there is to say.

    ``confirmation_phrase`` is what confirms it when it's said from there, ``takes_code`` whether a code does
    that is typed. ``resend_label`` is what the button says that makes the next link or code, ``urgent`` if
    nothing else helps; ``can_be_tested`` is whether it can be tried, ``removable`` whether its owner can
    remove it.
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
    removable: bool = True


def address_field_label(about: ChannelType) -> str:
    """The label of a field for an address."""
    return f"{about.label}, such as {about.example}" if about.example else about.label


def no_address_hint(about: ChannelType) -> str:
    """What to do where there's no address yet."""
    return f"Add one, {_confirmation_texts(about).first}, and it gets what your filters let through."


def address_field_hint(about: ChannelType) -> str:
    """What comes of it when somebody gives their first address, or needs none."""
    if about.proof is Proof.ACCOUNT:
        return "This goes to your account: there’s nothing to confirm."
    return _confirmation_texts(about).begin


def address_list_items(
    about: ChannelType, addresses: Sequence[ListedAddress], letters: Mapping[int, Delivery], when: FormatTime,
    phrase: ConfirmationPhrase,
) -> Sequence[AddressListItem]:
    """The addresses of a context; ``letters`` are those that ask to confirm them, by the confirmation."""
    return [
        _list_item(
            about, each, letters.get(each.confirmation.id) if each.confirmation else None, when, phrase)
        for each in addresses]


def _list_item(
    about: ChannelType, it: ListedAddress, letter: Delivery | None, when: FormatTime,
    phrase: ConfirmationPhrase,
) -> AddressListItem:
    name = about.mask(it.value)
    if it.status is AddressStatus.CONFIRMED:
        return AddressListItem(
            it.id, name, "Confirmed", "good", f"Everything that’s sent by {about.title} goes here.",
            can_be_tested=True, removable=about.proof is not Proof.ACCOUNT)
    words = _confirmation_texts(about)
    if it.status is AddressStatus.STOPPED:
        since = f"Nothing is sent there any more, since {when(it.since)}" if it.since else "It’s stopped"
        told = f"{sentence(f'{since}: {it.reason}')} Once that’s mended, confirm it again."
        return AddressListItem(
            it.id, name, "Stopped", "bad", told, resend_label=words.resend_label, urgent=True)
    told, failed = _confirmation_status(about, it, letter, when)
    waits = it.status is AddressStatus.WAITING and not failed
    return AddressListItem(
        it.id, name, "Waiting for you" if waits else "Not confirmed", "" if waits else "bad", told,
        confirmation_phrase=phrase(it.confirmation) if waits and about.proof is Proof.REPLY
        and it.confirmation else "",
        takes_code=waits and about.proof is Proof.CODE, resend_label=words.resend_label,
        urgent=it.status is not AddressStatus.WAITING)


def _confirmation_status(
    about: ChannelType, it: ListedAddress, letter: Delivery | None, when: FormatTime,
) -> tuple[str, bool]:
    """What became of the question whether it's theirs, and whether that never arrived."""
    words = _confirmation_texts(about)
    if letter is not None and letter.state == DeliveryState.FAILED:
        return f"{words.undelivered}: {letter.reason}. Is the address right?", True
    if letter is not None and letter.state == DeliveryState.WAITING and letter.reason:
        return f"{words.undelivered} yet, and is tried again: {letter.reason}.", False
    if it.since is None:
        return words.never, False
    told = words.waiting if it.status is AddressStatus.WAITING else words.expired
    until = when(it.until) if it.until else ""
    return told.format(
        since=when(it.since), until=until, title=about.title, name=about.mask(it.value)), False


def _confirmation_texts(about: ChannelType) -> _ConfirmationTexts:
    return _CONFIRMATION_TEXTS.get(about.proof, _CONFIRMATION_TEXTS[Proof.LINK])
