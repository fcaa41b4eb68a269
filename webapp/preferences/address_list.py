"""Addresses as the page of a context shows them: how far each is, and what its owner has to do or may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from fmn.channels import ChannelType, Proof
from fmn.infra.public_ids import RowName
from fmn.ledger.models import Delivery, State
from fmn.people.addresses import Listed, Standing
from fmn.text import sentence

When = Callable[[datetime], str]
#: What somebody says to us to confirm an address, by the confirmation's id.
Say = Callable[[RowName], str]


class _Words(NamedTuple):
    """How a context's addresses are confirmed, in words."""

    waiting: str
    expired: str
    never: str
    undelivered: str
    again: str
    first: str
    #: What comes of it when somebody gives their first one.
    begin: str


_WORDS: Final[Mapping[Proof, _Words]] = {
    Proof.LINK: _Words(
        waiting="Open the link that was sent there {since}; see the spam folder, too. It expires {until}.",
        expired="The link that was sent there {since} has expired.", never="Nothing was sent there yet.",
        undelivered="The letter couldn’t be delivered", again="Send a new link",
        first="confirm it by the link that is sent there",
        begin="We send a letter there with a link. Nothing else goes there until you have opened it."),
    Proof.CODE: _Words(
        waiting="Type the code that was sent there {since}. It expires {until}.",
        expired="The code that was sent there {since} doesn’t work any more.",
        never="Nothing was sent there yet.", undelivered="The code couldn’t be delivered",
        again="Send a new code", first="confirm it by the code that is sent there",
        begin="We send a code there. Nothing else goes there until you have typed it here."),
    Proof.SAID: _Words(
        waiting="Say this by {title}, as {name} (it expires {until}):",
        expired="The code that was made {since} doesn’t work any more.", never="No code was made yet.",
        undelivered="", again="Make a new code", first="say from there what this page shows then",
        begin="Afterwards we show you what to say from there. Nothing goes there until you have."),
}


@dataclass(frozen=True)
class AddressLine:
    """An address without its secrets, its state in a word and what more there is to say.

    ``say`` is what confirms it when it's said from there, ``takes_code`` whether a code does that is typed.
    ``again`` is what the button says that makes the next link or code, ``urgent`` if nothing else helps;
    ``works`` is whether it can be tried, ``removable`` whether its owner can remove it.
    """

    id: int
    name: str
    state: str
    kind: str
    words: str
    say: str = ""
    takes_code: bool = False
    again: str = ""
    urgent: bool = False
    works: bool = False
    removable: bool = True


def what_to_type(about: ChannelType) -> str:
    """The label of a field for an address."""
    return f"{about.label}, such as {about.example}" if about.example else about.label


def first_words(about: ChannelType) -> str:
    """What to do where there's no address yet."""
    return f"Add one, {_words(about).first}, and it gets what your filters let through."


def beginning(about: ChannelType) -> str:
    """What comes of it when somebody gives their first address, or needs none."""
    if about.proof is Proof.ACCOUNT:
        return "This goes to your account: there’s nothing to confirm."
    return _words(about).begin


def address_lines(
    about: ChannelType, addresses: Sequence[Listed], letters: Mapping[int, Delivery], when: When, say: Say,
) -> Sequence[AddressLine]:
    """The addresses of a context; ``letters`` are those that ask to confirm them, by the confirmation."""
    return [
        _line(about, each, letters.get(each.confirmation.id) if each.confirmation else None, when, say)
        for each in addresses]


def _line(about: ChannelType, it: Listed, letter: Delivery | None, when: When, say: Say) -> AddressLine:
    name = about.shown(it.value)
    if it.standing is Standing.CONFIRMED:
        return AddressLine(
            it.id, name, "Confirmed", "good", f"Everything that’s sent by {about.title} goes here.",
            works=True, removable=about.proof is not Proof.ACCOUNT)
    words = _words(about)
    if it.standing is Standing.STOPPED:
        since = f"Nothing is sent there any more, since {when(it.since)}" if it.since else "It’s stopped"
        told = f"{sentence(f'{since}: {it.reason}')} Once that’s mended, confirm it again."
        return AddressLine(it.id, name, "Stopped", "bad", told, again=words.again, urgent=True)
    told, failed = _asked(about, it, letter, when)
    waits = it.standing is Standing.WAITING and not failed
    return AddressLine(
        it.id, name, "Waiting for you" if waits else "Not confirmed", "" if waits else "bad", told,
        say=say(it.confirmation) if waits and about.proof is Proof.SAID and it.confirmation else "",
        takes_code=waits and about.proof is Proof.CODE, again=words.again,
        urgent=it.standing is not Standing.WAITING)


def _asked(about: ChannelType, it: Listed, letter: Delivery | None, when: When) -> tuple[str, bool]:
    """What became of the question whether it's theirs, and whether that never arrived."""
    words = _words(about)
    if letter is not None and letter.state == State.FAILED:
        return f"{words.undelivered}: {letter.reason}. Is the address right?", True
    if letter is not None and letter.state == State.WAITING and letter.reason:
        return f"{words.undelivered} yet, and is tried again: {letter.reason}.", False
    if it.since is None:
        return words.never, False
    told = words.waiting if it.standing is Standing.WAITING else words.expired
    until = when(it.until) if it.until else ""
    return told.format(
        since=when(it.since), until=until, title=about.title, name=about.shown(it.value)), False


def _words(about: ChannelType) -> _Words:
    return _WORDS.get(about.proof, _WORDS[Proof.LINK])
