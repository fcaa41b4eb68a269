"""What the page of the first visit shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Final

from sqlalchemy import select

from fmn.catalog import catalog
from fmn.channels import ChannelType, channel_type, mask_address
from fmn.delivery.webpush.about import ABOUT as WEB_PUSH
from fmn.filters.models import Filter
from fmn.filters.presets import Preset, Role, presets
from fmn.ledger.day_range import DayRange
from fmn.ledger.onboarding import presets_in_use
from fmn.matching.match_context import MatchContext
from fmn.matching.preset_counts import MessageCount, count_presets, maintains_packages
from fmn.people.accounts import EMAIL_CONTEXT
from fmn.people.local_time import zone_or_utc
from fmn.people.models import Preference, User
from fmn.translations import gettext as _
from fmn.translations import mark
from webapp.directory_or_none import directory_or_none
from webapp.forms import Form
from webapp.humanize import messages_per_day
from webapp.request import Request

#: What the names of the fields for addresses begin with.
ADDRESS: Final = "address"
#: Presets that are offered at once; the others are a click away.
OFFERED: Final = 4

ROLE_TITLES: Final[Mapping[Role, str]] = {
    Role.MAINTAINER: mark("Packager"), Role.MEMBER: mark("Contributor"), Role.TESTER: mark("Tester"),
    Role.TRANSLATOR: mark("Translator"), Role.OPERATOR: mark("Operator"), Role.FOLLOWER: mark("Reader")}


class WelcomeForm(Form):
    """Onboarding form: subjects to follow, chosen presets by key, and a channel."""

    subject: str = ""
    presets: tuple[str, ...] = ()
    replace: bool = False
    context: str = ""


@dataclass(frozen=True)
class WelcomeState:
    """State of the onboarding form: choices, an address per context, and problems."""

    choice: WelcomeForm
    addresses: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PresetOffer:
    """A preset as it's offered. ``rate`` is how much it would bring, ``""`` if that isn't known.

    It ``matched`` something lately, or may have.
    """

    preset: Preset
    rate: str
    matched: bool


@dataclass(frozen=True)
class WelcomePage:
    """Values of the page: ``offers`` are shown at once, ``more`` by role a click away.

    ``browser`` is the channel that a script offers for the browser that shows the page.
    """

    nick: str
    shown: WelcomeState
    offers: Sequence[PresetOffer]
    more: Mapping[str, Sequence[PresetOffer]]
    kept: Sequence[str]
    channels: Sequence[ChannelType]
    browser: ChannelType | None


def welcome_page(request: Request, user: User, shown: WelcomeState) -> Mapping[str, object]:
    """The page, with what was typed."""
    everything = _preferences(request)
    typed = [each for each in everything if channel_type(each.context).input_type != "hidden"]
    preferences = typed or everything
    there = list(presets(request.services.rule_types))
    taken = presets_in_use(request.read_session, [each.id for each in preferences], there).values()
    known = frozenset.intersection(*taken) if taken else frozenset()
    offers = _offers(request, user, [each for each in there if each.key not in known])
    first = [each for each in offers if each.matched][:OFFERED]
    rest = sorted((each for each in offers if each not in first), key=_role)
    kept = request.read_session.scalars(
        select(Filter.name).join(Preference, Preference.id == Filter.preference_id)
        .where(Preference.user_id == user.id, Preference.context == shown.choice.context)
        .order_by(Filter.position)).all()
    return {"it": WelcomePage(
        user.nick, shown, first,
        {_(ROLE_TITLES[role]): list(each) for role, each in groupby(rest, lambda offer: offer.preset.role)},
        kept, [channel_type(each.context) for each in preferences], _browser(everything, preferences))}


def _preferences(request: Request) -> Sequence[Preference]:
    return request.read_session.scalars(
        select(Preference)
        .where(Preference.user_id == request.me.user_id, Preference.context.in_(request.contexts))
        .order_by(Preference.id)).all()


def _browser(everything: Sequence[Preference], shown: Sequence[Preference]) -> ChannelType | None:
    there = any(each.context == WEB_PUSH.name and each not in shown for each in everything)
    return WEB_PUSH if there else None


def _role(offer: PresetOffer) -> int:
    return list(Role).index(offer.preset.role)


def _offers(request: Request, user: User, there: Sequence[Preset]) -> Sequence[PresetOffer]:
    """The presets, those first that are likely to be wanted."""
    directory = directory_or_none(request.services)
    if directory is None:
        return [PresetOffer(each, "", matched=True) for each in there]
    match_context = MatchContext(request.services.rule_types, catalog(), directory)
    window = DayRange(request.now, zone=zone_or_utc(user.time_zone))
    counts = count_presets(
        request.read_session, there, user.nick, match_context, window, request.services.cache)
    owns = maintains_packages(directory, user.nick)
    offers = [
        _offer(each, counts[each.key], request.now, possible=owns or each.role is not Role.MAINTAINER)
        for each in there]
    return sorted(offers, key=lambda each: (not each.preset.personal, counts[each.preset.key].messages == 0))


def _offer(preset: Preset, count: MessageCount, now: datetime, *, possible: bool) -> PresetOffer:
    told = count.complete or count.messages
    return PresetOffer(
        preset, messages_per_day(count.a_day(now)) if told else "",
        matched=possible and bool(count.messages or not count.complete))


def known_addresses(request: Request, user: User) -> Mapping[str, str]:
    """Address to suggest for each context: added before, or from the sign-in.

    Addresses with secrets in them aren't repeated; an empty field keeps the one added before.
    """
    found = {EMAIL_CONTEXT: user.email or ""}
    for preference in user.preferences:
        if preference.context in request.contexts and preference.detail_values:
            first = preference.detail_values[0].value
            found[preference.context] = first if first == mask_address(preference.context, first) else ""
    return found
