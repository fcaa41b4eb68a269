"""What keeps things from coming to somebody, each in a sentence, with what mends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fmn.channels import Proof, proof_in, shown
from fmn.filters.summary import Glance
from fmn.ledger.day_range import Window
from fmn.ledger.traffic import Undelivered
from fmn.people.addresses import Listed, Standing
from fmn.people.models import Preference
from webapp.context_names import spoken
from webapp.humanize import when


class Mend(StrEnum):
    """What helps."""

    SWITCH_ON = "switch on"
    ADD_ADDRESS = "add address"
    RESEND = "resend"
    CONFIRM = "confirm"
    CHOOSE_FILTERS = "choose filters"
    SEE_FILTERS = "see filters"
    SEE_FILTER = "see filter"
    SEE_INBOX = "see inbox"


@dataclass(frozen=True)
class Trouble:
    """What is wrong and what helps; ``about`` is the id of the address or the filter that it's about."""

    sentence: str
    mend: Mend
    about: int | None = None


def troubles_of(
    preference: Preference, addresses: Sequence[Listed], filters: Glance, failed: Undelivered | None,
    window: Window,
) -> Iterator[Trouble]:
    """Whatever is wrong with a channel. Of one that is off, it's nothing else but that."""
    if preference.enabled:
        yield from _of_stopped(preference.context, addresses, window)
        yield from _of_addresses(preference.context, addresses)
        yield from _of_filters(filters)
        if failed is not None and failed.destination not in _stopped(addresses):
            yield from _of_delivery(preference.context, failed, window)
    else:
        yield Trouble(f"It’s off: nothing is sent by {spoken(preference.context)}.", Mend.SWITCH_ON)
    for stopped in filters.stopped:
        yield Trouble(
            f"An administrator stopped your filter “{stopped.name}”: {stopped.note}", Mend.SEE_FILTER,
            stopped.id)


def _of_stopped(context: str, addresses: Sequence[Listed], window: Window) -> Iterator[Trouble]:
    """Each address that turned out not to work, whether or not another one does."""
    for value, each in _stopped(addresses).items():
        since = f" since {when(each.since, window.now, window.zone)}" if each.since else ""
        yield Trouble(
            f"Nothing is sent to {shown(context, value)} any more{since}: {each.reason.rstrip('.')}. "
            "Once that’s mended, confirm it again; if it won’t be, remove it.", _again(context), each.id)


def _stopped(addresses: Sequence[Listed]) -> Mapping[str, Listed]:
    return {each.value: each for each in addresses if each.standing is Standing.STOPPED}


def _of_addresses(context: str, addresses: Sequence[Listed]) -> Iterator[Trouble]:
    by_standing = {each.standing: each for each in reversed(addresses)}
    if Standing.CONFIRMED in by_standing:
        return
    if waiting := by_standing.get(Standing.WAITING):
        yield _of_waiting(context, waiting)
    elif expired := by_standing.get(Standing.EXPIRED):
        name, what = shown(context, expired.value), "link" if _again(context) is Mend.RESEND else "code"
        yield Trouble(
            f"{name} isn’t confirmed, so nothing is sent there, and no {what} for it works any more.",
            _again(context), expired.id)
    elif not addresses:
        yield Trouble("There is no address to send anything to.", Mend.ADD_ADDRESS)


def _of_waiting(context: str, waiting: Listed) -> Trouble:
    name = shown(context, waiting.value)
    match proof_in(context):
        case Proof.CODE:
            how = f"type the code that we sent to {name}"
        case Proof.SAID:
            how = f"say from {name} what its page shows"
        case _:
            how = f"open the link in the letter that we sent to {name}"
    return Trouble(
        f"Confirm your address: {how}. Until then nothing else is sent there.", _again(context), waiting.id)


def _again(context: str) -> Mend:
    """What helps to confirm an address: another link, or the page where a code is typed or shown."""
    return Mend.CONFIRM if proof_in(context) in (Proof.CODE, Proof.SAID) else Mend.RESEND


def _of_filters(filters: Glance) -> Iterator[Trouble]:
    if not filters.total:
        yield Trouble("There is no filter, so nothing gets through.", Mend.CHOOSE_FILTERS)
    elif not filters.on:
        which = "The only filter is off" if filters.total == 1 else f"All {filters.total} filters are off"
        yield Trouble(f"{which}, so nothing gets through.", Mend.SEE_FILTERS)


def _of_delivery(context: str, failed: Undelivered, window: Window) -> Iterator[Trouble]:
    reason, where = failed.reason.rstrip("."), shown(context, failed.destination)
    if failed.next_attempt_at is None:
        at = when(failed.created_at, window.now, window.zone)
        yield Trouble(
            f"What was sent to {where} {at} failed: {reason}. It was given up.", Mend.SEE_INBOX)
    else:
        again = when(max(failed.next_attempt_at, window.now), window.now, window.zone)
        yield Trouble(
            f"What was sent to {where} couldn’t be delivered yet: {reason}. It’s tried again {again}.",
            Mend.SEE_INBOX)
