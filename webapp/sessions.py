"""Being signed in: a signed cookie that says who, since when, and at which version of their account."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from pyramid.config import Configurator
from pyramid.csrf import new_csrf_token
from pyramid.session import BaseCookieSessionFactory
from webob.cookies import SignedSerializer

from fmn.people.models import User
from webapp.identity import Identity
from webapp.request import Request
from webapp.trial import may_be_anyone

#: What the cookie says of whoever is signed in, and that somebody has just signed out.
KEY: Final = "signed_in"
LEFT: Final = "left"
#: Seconds.
HOUR: Final = 3600
#: After this part of the time that a session lasts without a visit, but an hour at most, a visit prolongs it.
REISSUE: Final = 0.1


class _JsonSerializer:
    """Cookies in JSON: nothing in them can do more than be read."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")

    def loads(self, value: bytes) -> Any:
        try:
            return json.loads(value)
        except RecursionError as error:
            raise ValueError("it's nested too deeply") from error


class _SignedSerializer:
    """Cookies that are signed with the first of these secrets. What another one signed is read as well."""

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
    """Keep sessions in cookies that we sign. Raises :class:`~fmn.settings.SettingsError` if anyone could."""
    config.registry.services.check_secrets()
    web = config.registry.services.settings.web
    secure = urlsplit(web.base_url).scheme == "https"
    lasting = web.session_hours * HOUR
    config.set_session_factory(BaseCookieSessionFactory(
        _SignedSerializer(web.secrets), cookie_name=cookie_name(secure=secure), secure=secure, httponly=True,
        samesite="Lax", timeout=lasting, reissue_time=min(HOUR, lasting * REISSUE), max_age=lasting))


def cookie_name(*, secure: bool) -> str:
    """The session cookie's name. Browsers take one with this prefix from nobody but us, over HTTPS alone."""
    return "__Host-fmn" if secure else "fmn"


def sign_in(request: Request, user: User, *, trial: bool = False) -> None:
    """Let this browser be the user from now on. Whatever it knew before, it may have from somebody else.

    What came of the ``trial``'s sign-in holds where that can be used, and nowhere else.
    """
    request.session.invalidate()
    new_csrf_token(request)
    user.signed_in_at = request.now
    request.session[KEY] = {
        "id": user.id, "version": user.session_version, "at": int(request.now.timestamp()),
        # Two sessions of the same second differ.
        "nonce": secrets.token_hex(8), "trial": trial,
    }


def sign_out(request: Request) -> None:
    """Forget who this browser was."""
    request.session.invalidate()
    new_csrf_token(request)
    request.session[LEFT] = True


def just_left(request: Request) -> bool:
    """Whether somebody has signed out here, since one last asked."""
    if LEFT not in request.session:
        return False  # without making a cookie for whoever looks
    return bool(request.session.pop(LEFT))


def identity_in_session(request: Request) -> Identity | None:
    """Who is signed in, if that still holds."""
    known = request.session.get(KEY)
    if not isinstance(known, dict):
        return None
    if known.get("trial") and not may_be_anyone(request):
        return None
    web = request.services.settings.web
    age = timedelta(seconds=request.now.timestamp() - known["at"])
    if age > timedelta(days=web.longest_session_days):
        return None
    user = request.reading.get(User, known["id"])
    if user is None or user.session_version != known["version"]:
        return None
    return Identity(user.id, user.nick, administrates=user.nick in web.administrators)
