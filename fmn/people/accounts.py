"""Accounts: creation at the first sign-in, with all contexts off, and settings of an account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmn.directory.snapshot import GROUP_MARK
from fmn.errors import UserError
from fmn.infra.clock import utc_now
from fmn.infra.db import insert_new
from fmn.people.addresses import (
    MAX_ADDRESSES,
    implicit_addresses,
    is_taken,
    lock_addresses,
    normalize_address,
)
from fmn.people.browser_sessions import end_all_sessions
from fmn.people.change_log import confirmation_changed, lock_changes, record_change
from fmn.people.models import DetailValue, Preference, User
from fmn.people.time_zones import is_time_zone
from fmn.translations import gettext, languages

#: The context in which the address that a sign-in says is one.
EMAIL_CONTEXT: Final = "email"


def get_or_create_account(session: Session, nick: str, contexts: Iterable[str]) -> User:
    """The account with this username, created if there is none.

    It gets a preference in each of the contexts; missing ones are created switched off.
    """
    insert_new(session, User, [{"nick": nick}])
    user = session.scalars(select(User).where(User.nick == nick).with_for_update(key_share=True)).one()
    _give(session, {user.id: nick}, contexts)
    return user


def add_missing_preferences(session: Session, contexts: Collection[str], most: int) -> int:
    """Create missing preferences, switched off, of accounts from before a channel was added.

    Returns the number of accounts, ``most`` at once.
    """
    there = select(func.count()).where(Preference.user_id == User.id, Preference.context.in_(contexts))
    lacking = session.scalars(
        select(User)
        .where(there.scalar_subquery() < len(contexts), User.nick.not_like(f"{GROUP_MARK}%"))
        .order_by(User.id).limit(most)
        .with_for_update(key_share=True)).all()
    _give(session, {user.id: user.nick for user in lacking}, contexts)
    return len(lacking)


def _give(session: Session, nicks: Mapping[int, str], contexts: Iterable[str]) -> None:
    made = insert_new(
        session, Preference,
        [{"user_id": user_id, "context": context, "enabled": False}
         for context in contexts for user_id in nicks],
        Preference.id, Preference.context, Preference.user_id)
    now = utc_now()
    session.add_all(
        DetailValue(preference_id=row.id, value=value, confirmed_at=now, created_at=now)
        for row in made for value in implicit_addresses(row.context, nicks[row.user_id]))


def get_or_create_signed_in_account(
    session: Session, nick: str, email: str | None, contexts: Iterable[str], now: datetime, *,
    confirmed: bool,
) -> User:
    """The account of somebody who signed in; stores the e-mail address from the sign-in, if it has one.

    With ``confirmed`` the address is confirmed, unless somebody else confirmed it here.
    """
    if confirmed and session.scalar(select(User.id).where(User.nick == nick)) is None:
        lock_changes(session)  # before the account, as everybody does who makes one
    user = get_or_create_account(session, nick, contexts)
    if email is not None:
        if confirmed:
            _confirm(session, user, email, now)
        user.email = email
    return user


def _confirm(session: Session, user: User, email: str, now: datetime) -> None:
    preference = session.scalars(
        select(Preference)
        .where(Preference.user_id == user.id, Preference.context == EMAIL_CONTEXT)).one_or_none()
    if preference is None:
        return
    lock_addresses(session, preference.id)
    own = session.scalars(
        select(DetailValue).where(DetailValue.preference_id == preference.id),
        execution_options={"populate_existing": True}).all()
    same = [each for each in own if normalize_address(each.value) == normalize_address(email)]
    if any(each.confirmed_at or each.off_at for each in same) or is_taken(
            session, EMAIL_CONTEXT, email, user.id):
        return  # the provider doesn't know of one that was switched off that it doesn't work
    if same:
        same[0].confirmed_at = now
    elif user.email == email or len(own) >= MAX_ADDRESSES:
        return  # its owner has removed it since it was said first, and knows why
    else:
        session.add(DetailValue(preference_id=preference.id, value=email, confirmed_at=now, created_at=now))
    record_change(session, [user.id], confirmation_changed(EMAIL_CONTEXT))


def set_time_zone(session: Session, user: User, name: str) -> None:
    """Set a user's time zone. Raises :class:`~fmn.errors.UserError` for an unknown one."""
    if not is_time_zone(name):
        raise UserError(gettext("There is no such time zone. Choose one of the list."), "time_zone")
    user.time_zone, user.time_zone_chosen = name, True
    session.flush()  # the row before the revision, as everybody does
    record_change(session, [user.id])


def set_language(user: User, language: str) -> None:
    """Set the language of a user's pages and mails, ``""`` for the browser's and for English mails.

    Raises :class:`~fmn.errors.UserError` for one that FMN doesn't speak.
    """
    if language and language not in languages():
        raise UserError(gettext("FMN doesn’t speak this language. Choose one of the list."), "language")
    user.language = language or None


def end_sessions(session: Session, user: User) -> None:
    """Sign a user out of all browsers. API tokens stay valid."""
    user.session_version += 1
    end_all_sessions(session, [user.id])


def reset_feed_address(user: User) -> None:
    """Give a user's feed a new secret address; the old one stops working."""
    user.feed_version += 1
