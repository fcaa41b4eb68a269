"""The commands ``mute``, ``mutes`` and ``unmute``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from fmn.chat_commands.reply_format import MAX_NAME_LENGTH, Requester, truncate_lines
from fmn.delivery.signed_links import Links
from fmn.errors import UserError
from fmn.filters.models import Mute as Muted
from fmn.filters.models import MuteKind
from fmn.filters.mute_options import describe_mute
from fmn.filters.mutes import mute, mutes_of, unmute
from fmn.filters.rule_arguments import check_packages
from fmn.filters.snoozes import start_of_day
from fmn.people.local_time import zone_or_utc
from fmn.text import sentence, shorten


def mute_package(
    session: Session, requester: Requester, package: str, span: timedelta | date | None,
) -> Sequence[str]:
    """Mute a package for the requester."""
    until = _end(requester, span)
    try:
        check_packages({"package": package})
        muted = mute(session, requester.preference.user_id, MuteKind.PACKAGE, package, until, requester.now)
    except UserError as error:
        return [sentence(str(error).replace("'", "’"))]
    return [f"Muted{_how_long(muted, requester)}: {_shown(muted)}. Say “unmute {package}” to undo it."]


def _end(requester: Requester, span: timedelta | date | None) -> datetime | None:
    if isinstance(span, timedelta):
        return requester.now + span
    return None if span is None else start_of_day(span, zone_or_utc(requester.preference.user.time_zone))


def list_mutes(session: Session, requester: Requester, links: Links) -> Sequence[str]:
    """The requester's mutes of all kinds."""
    muted = mutes_of(session, requester.preference.user_id, requester.now)
    if not muted:
        return ["You have no mutes."]
    return truncate_lines([f"{_shown(each)},{_how_long(each, requester)}" for each in muted], links.mutes())


def unmute_package(session: Session, requester: Requester, package: str, links: Links) -> Sequence[str]:
    """Unmute a package for the requester."""
    user_id = requester.preference.user_id
    meant = [
        each for each in mutes_of(session, user_id, requester.now)
        if each.kind == MuteKind.PACKAGE and each.value.casefold() == package.casefold()]
    for each in meant:
        unmute(session, user_id, each.id)
    if not meant:
        name = shorten(package, MAX_NAME_LENGTH)
        return [f"The package {name} isn’t muted. Your mutes: {links.mutes()}"]
    return [f"Unmuted: {_shown(meant[0])}. Starts with the next message."]


def _shown(muted: Muted) -> str:
    return shorten(describe_mute(muted.kind, muted.value), MAX_NAME_LENGTH)


def _how_long(muted: Muted, requester: Requester) -> str:
    return " for ever" if muted.until is None else f" until {requester.moment(muted.until)}"
