"""Mutes that a notification's page offers, and those that exist already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fmn.catalog import Facts
from fmn.filters.models import Mute
from fmn.filters.mute_options import MuteOption, mute_options
from fmn.filters.mutes import mutes_of
from fmn.translations import gettext
from webapp.humanize import natural_time
from webapp.owned import current_user_zone
from webapp.request import Request


@dataclass(frozen=True)
class MuteChoice:
    """A possible mute; if it exists, ``mute_id`` and ``until`` are set."""

    offer: MuteOption
    mute_id: int | None = None
    until: str = ""


def mute_choices(request: Request, facts: Facts) -> Sequence[MuteChoice]:
    """Possible and existing mutes of the current user for a message."""
    muted = {(mute.kind, mute.value): mute
             for mute in mutes_of(request.read_session, request.me.user_id, request.now)}
    found = []
    for offer in mute_options(facts):
        mutes = [muted.get((offer.kind, value)) for value in offer.values]
        if len(mutes) == 1:
            found.append(_mute_choice(request, offer, mutes[0]))
        elif not all(mutes):
            found.append(MuteChoice(offer))
    return found


def _mute_choice(request: Request, offer: MuteOption, mute: Mute | None) -> MuteChoice:
    return MuteChoice(offer, mute.id, mute_duration(request, mute)) if mute else MuteChoice(offer)


def mute_duration(request: Request, mute: Mute) -> str:
    """The end of a mute as text."""
    if mute.until is None:
        return gettext("forever")
    return gettext("ends {when}").format(
        when=natural_time(mute.until, request.now, current_user_zone(request)))
