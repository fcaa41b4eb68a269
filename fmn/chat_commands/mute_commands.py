"""Muting packages, listing what is muted, and hearing of it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from fmn.chat_commands.reply_format import LONGEST_NAME, Visitor, screenful
from fmn.delivery.signed_links import Links
from fmn.filters.models import Mute as Muted
from fmn.filters.models import MuteKind
from fmn.filters.mute_options import in_words
from fmn.filters.mutes import MuteError, lift, mute, mutes_of
from fmn.filters.rule_arguments import check_packages
from fmn.filters.rule_definition import RuleError
from fmn.filters.snoozes import begin_of
from fmn.people.local_time import zone_called
from fmn.text import sentence, shorten


def mute_package(
    session: Session, visitor: Visitor, package: str, span: timedelta | date | None,
) -> Sequence[str]:
    """Keep somebody from hearing of a package."""
    until = _end(visitor, span)
    try:
        check_packages({"package": package})
        muted = mute(session, visitor.preference.user_id, MuteKind.PACKAGE, package, until, visitor.now)
    except (MuteError, RuleError) as error:
        return [sentence(str(error).replace("'", "’"))]
    return [f"Muted{_how_long(muted, visitor)}: {_shown(muted)}. Say “unmute {package}” to take it back."]


def _end(visitor: Visitor, span: timedelta | date | None) -> datetime | None:
    if isinstance(span, timedelta):
        return visitor.now + span
    return None if span is None else begin_of(span, zone_called(visitor.preference.user.time_zone))


def list_mutes(session: Session, visitor: Visitor, links: Links) -> Sequence[str]:
    """What somebody muted, in whichever way."""
    muted = mutes_of(session, visitor.preference.user_id, visitor.now)
    if not muted:
        return ["You have muted nothing."]
    return screenful([f"{_shown(each)},{_how_long(each, visitor)}" for each in muted], links.mutes())


def unmute(session: Session, visitor: Visitor, package: str, links: Links) -> Sequence[str]:
    """Let somebody hear of a package again."""
    user_id = visitor.preference.user_id
    meant = [
        each for each in mutes_of(session, user_id, visitor.now)
        if each.kind == MuteKind.PACKAGE and each.value.casefold() == package.casefold()]
    for each in meant:
        lift(session, user_id, each.id)
    if not meant:
        name = shorten(package, LONGEST_NAME)
        return [f"You haven’t muted the package {name}. What you muted is here: {links.mutes()}"]
    return [f"You hear of {_shown(meant[0])} again, from the next message on."]


def _shown(muted: Muted) -> str:
    return shorten(in_words(muted.kind, muted.value), LONGEST_NAME)


def _how_long(muted: Muted, visitor: Visitor) -> str:
    return " for ever" if muted.until is None else f" until {visitor.moment(muted.until)}"
