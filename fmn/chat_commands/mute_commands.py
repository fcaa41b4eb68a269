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
from fmn.translations import gettext


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
    told = gettext("Muted for ever: {what}. Say “unmute {package}” to undo it.") if (
        muted.until is None) else gettext("Muted until {moment}: {what}. Say “unmute {package}” to undo it.")
    return [told.format(what=_shown(muted), package=package, moment=_end_text(muted, requester))]


def _end(requester: Requester, span: timedelta | date | None) -> datetime | None:
    if isinstance(span, timedelta):
        return requester.now + span
    return None if span is None else start_of_day(span, zone_or_utc(requester.preference.user.time_zone))


def list_mutes(session: Session, requester: Requester, links: Links) -> Sequence[str]:
    """The requester's mutes of all kinds."""
    muted = mutes_of(session, requester.preference.user_id, requester.now)
    if not muted:
        return [gettext("You have no mutes.")]
    return truncate_lines([_in_a_line(each, requester) for each in muted], links.mutes())


def _in_a_line(muted: Muted, requester: Requester) -> str:
    told = gettext("{what}, for ever") if muted.until is None else gettext("{what}, until {moment}")
    return told.format(what=_shown(muted), moment=_end_text(muted, requester))


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
        return [gettext("The package {name} isn’t muted. Your mutes: {page}").format(
            name=name, page=links.mutes())]
    return [gettext("Unmuted: {what}. Starts with the next message.").format(what=_shown(meant[0]))]


def _shown(muted: Muted) -> str:
    return shorten(describe_mute(muted.kind, muted.value), MAX_NAME_LENGTH)


def _end_text(muted: Muted, requester: Requester) -> str:
    return "" if muted.until is None else requester.moment(muted.until)
