"""Accounts of people who sign in: made the first time, with nothing switched on that they didn't choose."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.db import insert_new
from fmn.people.models import Preference, User


def account_of(session: Session, nick: str, contexts: Iterable[str]) -> User:
    """The account of whoever is called this, which is made if there's none.

    It has a preference in each of the contexts; those that it didn't have are switched off.
    """
    insert_new(session, User, [{"nick": nick}])
    user = session.scalars(select(User).where(User.nick == nick).with_for_update(key_share=True)).one()
    insert_new(session, Preference, [
        {"user_id": user.id, "context": context, "enabled": False} for context in contexts])
    return user
