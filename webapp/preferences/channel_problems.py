"""Problems of a channel that prevent notifications, each with a remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fmn.channels import Proof, mask_address, proof_in, repair_hint
from fmn.filters.summary import FilterSummary
from fmn.ledger.day_range import DayRange
from fmn.ledger.reasons import reason_text
from fmn.ledger.undelivered import Undelivered
from fmn.people.addresses import AddressStatus, ListedAddress
from fmn.people.models import Preference
from fmn.translations import gettext, ngettext
from webapp.context_names import context_heading
from webapp.humanize import natural_time


class Remedy(StrEnum):
    """What fixes a problem."""

    SWITCH_ON = "switch on"
    ADD_ADDRESS = "add address"
    RESEND = "resend"
    CONFIRM = "confirm"
    CHOOSE_FILTERS = "choose filters"
    SEE_FILTERS = "see filters"
    SEE_FILTER = "see filter"
    SEE_INBOX = "see inbox"


@dataclass(frozen=True)
class ChannelProblem:
    """A problem and its remedy; ``about`` is the id of the address or filter concerned."""

    sentence: str
    remedy: Remedy
    about: int | None = None


def channel_problems(
    preference: Preference, addresses: Sequence[ListedAddress], filters: FilterSummary,
    failed: Undelivered | None,
    window: DayRange,
) -> Iterator[ChannelProblem]:
    """Problems of a channel. One that is off has only that, and filters stopped by administrators."""
    if preference.enabled:
        yield from _stopped_address_problems(preference.context, addresses, window)
        yield from _address_problems(preference.context, addresses)
        yield from _filter_problems(filters)
        if failed is not None and failed.destination not in _stopped(addresses):
            yield from _delivery_problems(preference.context, failed, window)
    else:
        yield ChannelProblem(
            gettext("{channel} is off. Switch it on to get notifications.").format(
                channel=context_heading(preference.context)), Remedy.SWITCH_ON)
    for stopped in filters.stopped:
        yield ChannelProblem(
            gettext("An administrator stopped your filter “{name}”: {note}").format(
                name=stopped.name, note=stopped.note), Remedy.SEE_FILTER, stopped.id)


def _stopped_address_problems(
    context: str, addresses: Sequence[ListedAddress], window: DayRange,
) -> Iterator[ChannelProblem]:
    """A problem for each stopped address, even if another address works."""
    repair = repair_hint(context)
    for value, each in _stopped(addresses).items():
        told = gettext("We stopped sending to {address} {when}: {reason}.") if each.since else gettext(
            "We stopped sending to {address}: {reason}.")
        when = natural_time(each.since, window.now, window.zone) if each.since else ""
        told = told.format(
            address=mask_address(context, value), when=when, reason=reason_text(each.reason).rstrip("."))
        advice = repair or gettext("Fix the cause and confirm the address again, or remove it.")
        yield ChannelProblem(f"{told} {advice}", _confirm_remedy(context), each.id)


def _stopped(addresses: Sequence[ListedAddress]) -> Mapping[str, ListedAddress]:
    return {each.value: each for each in addresses if each.status is AddressStatus.STOPPED}


def _address_problems(context: str, addresses: Sequence[ListedAddress]) -> Iterator[ChannelProblem]:
    by_status = {each.status: each for each in reversed(addresses)}
    if AddressStatus.CONFIRMED in by_status:
        return
    if waiting := by_status.get(AddressStatus.WAITING):
        yield _unconfirmed_problem(context, waiting)
    elif expired := by_status.get(AddressStatus.EXPIRED):
        told = gettext(
            "{address} isn’t confirmed, and its link has expired. Get a new link to confirm it.",
        ) if _confirm_remedy(context) is Remedy.RESEND else gettext(
            "{address} isn’t confirmed, and its code has expired. Get a new code to confirm it.")
        yield ChannelProblem(
            told.format(address=mask_address(context, expired.value)), _confirm_remedy(context), expired.id)
    elif not addresses:
        yield ChannelProblem(gettext("Add an address to get notifications."), Remedy.ADD_ADDRESS)


def _unconfirmed_problem(context: str, waiting: ListedAddress) -> ChannelProblem:
    match proof_in(context):
        case Proof.CODE:
            told = gettext(
                "Confirm your address: type the code we sent to {address}. "
                "We send nothing else there until you do.")
        case Proof.REPLY:
            told = gettext(
                "Confirm your address: send the message shown on the channel’s page from {address}. "
                "We send nothing else there until you do.")
        case _:
            told = gettext(
                "Confirm your address: open the link we sent to {address}. "
                "We send nothing else there until you do.")
    return ChannelProblem(
        told.format(address=mask_address(context, waiting.value)), _confirm_remedy(context), waiting.id)


def _confirm_remedy(context: str) -> Remedy:
    """Remedy for an unconfirmed address: resend the link, or open the page with the code."""
    return Remedy.CONFIRM if proof_in(context) in (Proof.CODE, Proof.REPLY) else Remedy.RESEND


def _filter_problems(filters: FilterSummary) -> Iterator[ChannelProblem]:
    if not filters.total:
        yield ChannelProblem(
            gettext("You have no filters. Choose some to get notifications."), Remedy.CHOOSE_FILTERS)
    elif not filters.on:
        yield ChannelProblem(ngettext(
            "Your only filter is off. Switch one on to get notifications.",
            "All {number} filters are off. Switch one on to get notifications.",
            filters.total).format(number=filters.total), Remedy.SEE_FILTERS)


def _delivery_problems(context: str, failed: Undelivered, window: DayRange) -> Iterator[ChannelProblem]:
    reason, where = reason_text(failed.reason).rstrip("."), mask_address(context, failed.destination)
    if failed.next_attempt_at is None:
        at = natural_time(failed.created_at, window.now, window.zone)
        yield ChannelProblem(
            gettext("We couldn’t deliver a notification to {address} {when} and gave up: {reason}.").format(
                address=where, when=at, reason=reason), Remedy.SEE_INBOX)
    else:
        again = natural_time(max(failed.next_attempt_at, window.now), window.now, window.zone)
        yield ChannelProblem(
            gettext(
                "We couldn’t deliver a notification to {address} yet: {reason}. Next attempt {when}.",
            ).format(address=where, when=again, reason=reason), Remedy.SEE_INBOX)
