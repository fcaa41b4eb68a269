"""Browser sessions: a signed cookie with the user, the time and the session's id.

Each session is also a row, see :mod:`fmn.people.browser_sessions`; without the row the cookie is invalid.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from pyramid.config import Configurator
from pyramid.csrf import new_csrf_token
from pyramid.session import BaseCookieSessionFactory
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from webob.cookies import SignedSerializer

from fmn.people.browser_sessions import (
    LAST_SEEN_PRECISION,
    SignInMethod,
    create_session,
    session_digest,
    update_last_seen,
)
from fmn.people.models import BrowserSession, User
from fmn.translations import SOURCE_LANGUAGE, current_language
from webapp.auth.trial_sign_in import is_trial_sign_in_allowed
from webapp.identity import Identity
from webapp.request import Request

log = structlog.get_logger()

#: What the cookie says of whoever is signed in, and that somebody has just signed out.
SESSION_KEY: Final = "signed_in"
JUST_SIGNED_OUT_KEY: Final = "left"
#: Seconds.
HOUR_SECONDS: Final = 3600
#: After this part of the time that a session lasts without a visit, but an hour at most, a visit prolongs it.
REISSUE_FRACTION: Final = 0.1


class _JsonSerializer:
    """Cookie serializer in JSON, which can't execute anything when read."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")

    def loads(self, value: bytes) -> Any:
        try:
            return json.loads(value)
        except RecursionError as error:
            raise ValueError("it's nested too deeply") from error


class _SignedSerializer:
    """Cookie serializer that signs with the first secret and accepts signatures of all."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._serializers = [SignedSerializer(
            # Not the secret itself: what signs links in mails mustn't sign anyone in.
            sha256(f"session {secret}".encode()).hexdigest(), "pyramid.session.", "sha512",
            serializer=_JsonSerializer()) for secret in secrets]

    def dumps(self, value: Any) -> bytes:
        signed: bytes = self._serializers[0].dumps(value)
        return signed

    def loads(self, value: bytes) -> Any:
        for serializer in self._serializers:
            with suppress(ValueError):
                return serializer.loads(value)
        raise ValueError("none of our secrets has signed it")


def includeme(config: Configurator) -> None:
    """Set up signed session cookies. Raises :class:`~fmn.settings.SettingsError` without a secret."""
    config.registry.services.check_secrets()
    web = config.registry.services.settings.web
    secure = urlsplit(web.base_url).scheme == "https"
    lasting = web.session_hours * HOUR_SECONDS
    config.set_session_factory(BaseCookieSessionFactory(
        _SignedSerializer(web.secrets), cookie_name=cookie_name(secure=secure), secure=secure, httponly=True,
        samesite="Lax", timeout=lasting, reissue_time=min(HOUR_SECONDS, lasting * REISSUE_FRACTION),
        max_age=lasting))


def cookie_name(*, secure: bool) -> str:
    """Name of the session cookie. Under HTTPS its prefix makes browsers accept it from this host only."""
    return "__Host-fmn" if secure else "fmn"


def sign_in(request: Request, user: User, *, trial: bool = False) -> None:
    """Sign this browser in as the user, and discard what its session had before.

    A session of the ``trial``'s sign-in is valid only where that sign-in is allowed.
    """
    _delete_session_row(request)
    request.session.invalidate()
    new_csrf_token(request)
    if user.signed_in_at is None and user.language is None and current_language() != SOURCE_LANGUAGE:
        user.language = current_language()  # their mails speak it, too, until they choose another one
    user.signed_in_at = request.now
    ends = request.now + timedelta(days=request.services.settings.web.longest_session_days)
    request.session[SESSION_KEY] = {
        "id": user.id, "version": user.session_version, "at": int(request.now.timestamp()),
        "secret": create_session(
            request.db, user, request.user_agent or "", SignInMethod.TRIAL if trial
            else SignInMethod.PROVIDER, request.now,
            ends),
    }


def sign_out(request: Request) -> None:
    """Sign this browser out."""
    _delete_session_row(request)
    request.session.invalidate()
    new_csrf_token(request)
    request.session[JUST_SIGNED_OUT_KEY] = True


def just_signed_out(request: Request) -> bool:
    """Whether somebody signed out in this browser since the last call."""
    if JUST_SIGNED_OUT_KEY not in request.session:
        return False  # without making a cookie for whoever looks
    return bool(request.session.pop(JUST_SIGNED_OUT_KEY))


def identity_in_session(request: Request) -> Identity | None:
    """The signed-in identity, if its session is still valid."""
    known = request.session.get(SESSION_KEY)
    if not isinstance(known, dict):
        return None
    web = request.services.settings.web
    age = timedelta(seconds=request.now.timestamp() - known["at"])
    if age > timedelta(days=web.longest_session_days):
        return None
    row = request.read_session.execute(
        select(User, BrowserSession).join(BrowserSession, BrowserSession.user_id == User.id)
        .where(User.id == known["id"], User.session_version == known["version"],
               BrowserSession.digest == session_digest(str(known.get("secret"))))).one_or_none()
    if row is None:
        return None
    user, found = row
    if found.how == SignInMethod.TRIAL and not is_trial_sign_in_allowed(request):
        return None
    if request.now - found.last_seen_at > LAST_SEEN_PRECISION:
        _note_seen(request, found.id)
    # Settings name an administrator by the nick. Whoever was given it anew isn't meant.
    is_administrator = user.nick in web.administrators and not user.succeeds
    return Identity(
        user.id, user.nick, is_administrator=is_administrator, session_id=found.id, time_zone=user.time_zone,
        time_zone_chosen=user.time_zone_chosen, paused_until=user.paused_until, language=user.language or "")


def _note_seen(request: Request, session_id: int) -> None:
    try:
        with request.services.database.transaction() as session:
            update_last_seen(session, session_id, request.now)
    except SQLAlchemyError:
        # Whoever only reads can do so while nobody can write.
        log.warning("a visit can't be noted", session=session_id, exc_info=True)


def _delete_session_row(request: Request) -> None:
    """Delete the row of this browser's session, if there is one."""
    known = request.session.get(SESSION_KEY)
    if isinstance(known, dict) and "secret" in known:
        request.db.execute(
            delete(BrowserSession).where(BrowserSession.digest == session_digest(str(known["secret"])))
            .execution_options(synchronize_session=False))
