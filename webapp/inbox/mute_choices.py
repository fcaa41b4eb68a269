"""What of a message its owner can mute, or has muted already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fmn.catalog import Facts
from fmn.filters.models import Mute
from fmn.filters.mute_options import Offer, offers
from fmn.filters.mutes import mutes_of
from webapp.humanize import when
from webapp.owned import my_zone
from webapp.request import Request


@dataclass(frozen=True)
class Mutable:
    """Something that can be muted; if it's muted already, ``mute_id`` and ``until`` say how and how long."""

    offer: Offer
    mute_id: int | None = None
    until: str = ""


def mutables(request: Request, facts: Facts) -> Sequence[Mutable]:
    """What of a message I can mute or have muted."""
    muted = {(mute.kind, mute.value): mute
             for mute in mutes_of(request.reading, request.me.user_id, request.now)}
    found = []
    for offer in offers(facts):
        mutes = [muted.get((offer.kind, value)) for value in offer.values]
        if len(mutes) == 1:
            found.append(_mutable(request, offer, mutes[0]))
        elif not all(mutes):
            found.append(Mutable(offer))
    return found


def _mutable(request: Request, offer: Offer, mute: Mute | None) -> Mutable:
    return Mutable(offer, mute.id, how_long(request, mute)) if mute else Mutable(offer)


def how_long(request: Request, mute: Mute) -> str:
    """How long something is muted."""
    if mute.until is None:
        return "for ever"
    return f"ends {when(mute.until, request.now, my_zone(request))}"
