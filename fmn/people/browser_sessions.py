"""Browser sessions: listed, ended one by one, and limited in number.

A browser has a random secret in its signed cookie; only its SHA-256 is stored. Deleting the row ends the
session with the next request, so rows aren't cached.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from fmn.people.models import BrowserSession, User
from fmn.translations import gettext, mark

#: Browsers in which one person is signed in: the one that was seen longest ago makes room for another one.
MAX_SESSIONS: Final = 30
#: How exactly it's known when a browser was seen last: each note of that is a write.
LAST_SEEN_PRECISION: Final = timedelta(hours=1)
#: Characters of a User-Agent header that are looked at: anybody can send any.
_LOOKED_AT: Final = 500
#: What browsers call themselves, the ones first that call themselves others as well.
_BROWSERS: Final = (
    ("Edge", r"\bEdgA?(?:iOS)?/"), ("Opera", r"\bOPR/"), ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"), ("Chrome", r"\b(?:Chrome|CriOS)/"), ("Safari", r"\bSafari/"),
    ("curl", r"^curl/"))
_SYSTEMS: Final = (
    ("Android", r"\bAndroid\b"), ("iPhone", r"\biPhone\b"), ("iPad", r"\biPad\b"),
    ("Windows", r"\bWindows\b"), ("macOS", r"\bMac OS X\b"), ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b"))
UNKNOWN: Final = mark("Another program")
_ON: Final = " on "


class SignInMethod(StrEnum):
    """How a user signed in."""

    PROVIDER = "provider"
    TRIAL = "trial"


def create_session(
    session: Session, user: User, user_agent: str, how: SignInMethod, now: datetime, ends: datetime,
) -> str:
    """Create a session that ends at ``ends``. Returns the secret for the browser's cookie."""
    secret = secrets.token_urlsafe(32)
    session.flush()
    kept = (
        select(BrowserSession.id).where(BrowserSession.user_id == user.id)
        .order_by(BrowserSession.last_seen_at.desc(), BrowserSession.id.desc()).limit(MAX_SESSIONS - 1))
    session.execute(
        delete(BrowserSession)
        .where(BrowserSession.user_id == user.id, BrowserSession.id.not_in(kept.scalar_subquery()))
        .execution_options(synchronize_session=False))
    session.add(BrowserSession(
        user_id=user.id, digest=session_digest(secret), created_at=now, last_seen_at=now, ends_at=ends,
        browser=browser_name(user_agent), how=how))
    return secret


def session_digest(secret: str) -> str:
    """The stored hash of a browser's secret."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def sessions_of(
    session: Session, user_id: int, now: datetime, seen_after: datetime,
) -> Sequence[BrowserSession]:
    """A user's valid sessions, the most recently seen first."""
    return session.scalars(
        select(BrowserSession)
        .where(BrowserSession.user_id == user_id, BrowserSession.ends_at > now,
               BrowserSession.last_seen_at > seen_after)
        .order_by(BrowserSession.last_seen_at.desc(), BrowserSession.id.desc())).all()


def existing_sessions(session: Session, ids: Collection[int]) -> frozenset[int]:
    """Those of the sessions that still exist."""
    if not ids:
        return frozenset()
    return frozenset(session.scalars(select(BrowserSession.id).where(BrowserSession.id.in_(ids))))


def update_last_seen(session: Session, session_id: int, now: datetime) -> None:
    """Record that a browser was seen now."""
    session.execute(
        update(BrowserSession).where(BrowserSession.id == session_id).values(last_seen_at=now)
        .execution_options(synchronize_session=False))


def end_session(session: Session, user_id: int, session_id: int) -> str | None:
    """End a session of a user. Returns the browser's name, ``None`` if there's no such session."""
    return session.scalar(
        delete(BrowserSession)
        .where(BrowserSession.user_id == user_id, BrowserSession.id == session_id)
        .returning(BrowserSession.browser))


def end_all_sessions(session: Session, user_ids: Collection[int] | None = None) -> None:
    """End all sessions of these people, or of everybody."""
    whose = [] if user_ids is None else [BrowserSession.user_id.in_(user_ids)]
    session.execute(delete(BrowserSession).where(*whose).execution_options(synchronize_session=False))


def delete_expired_sessions(session: Session, now: datetime, most: int) -> int:
    """Delete up to ``most`` expired sessions. Returns how many."""
    over = (
        select(BrowserSession.id).where(BrowserSession.ends_at < now)
        .order_by(BrowserSession.ends_at).limit(most))
    gone = delete(BrowserSession).where(BrowserSession.id.in_(over)).returning(BrowserSession.id)
    return len(session.scalars(gone).all())


def browser_name(user_agent: str) -> str:
    """Name of a browser and its system for people, such as ``Firefox on Linux``."""
    text = user_agent[:_LOOKED_AT]
    browser = next((name for name, pattern in _BROWSERS if re.search(pattern, text)), UNKNOWN)
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, text)), "")
    return f"{browser}{_ON}{system}" if system else browser


def browser_text(name: str) -> str:
    """A browser's name, as it's kept, in the reader's language."""
    browser, _, system = name.partition(_ON)
    shown = gettext(UNKNOWN) if browser == UNKNOWN else browser
    return gettext("{browser} on {system}").format(browser=shown, system=system) if system else shown
