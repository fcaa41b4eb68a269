"""Authentication of live-feed connections by session or token, on connecting and while connected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

from pyramid.config import Configurator
from pyramid.scripting import prepare
from sqlalchemy import select

from fmn.delivery.sse.about import ABOUT
from fmn.infra import metrics
from fmn.people.api_tokens import valid_token_ids
from fmn.people.browser_sessions import existing_sessions
from fmn.people.models import Preference, User
from fmn.settings.request_limits import RateLimit
from fmn.wiring import Services
from webapp.api.problems import ApiError
from webapp.auth.bearer import note_use
from webapp.auth.security import SecurityPolicy
from webapp.auth.trial_sign_in import configure_trial
from webapp.identity import Identity, Permission
from webapp.rate_limits import ANONYMOUS
from webapp.request import Request
from webapp.request_costs import Cost

#: What a request's line would say. Ours has no other line than its headers.
PROTOCOL: Final = "HTTP/1.1"


@dataclass(frozen=True)
class StreamCredentials:
    """The stream's owner with the token or the session (and its version) that authenticated them."""

    user_id: int
    preference_id: int
    session_version: int | None = None
    session_id: int | None = None
    token_id: int | None = None


class StreamAuthenticator:
    """Authenticates connections. Thread-safe."""

    def __init__(self, services: Services, *, trial: bool = False) -> None:
        self._services = services
        # As much of the web app as it takes to be asked who somebody is.
        config = Configurator(request_factory=Request)
        config.registry.services = services
        configure_trial(config, trial=trial)
        config.set_security_policy(SecurityPolicy())
        config.include("webapp.auth.sessions")
        config.commit()
        self._registry = config.registry

    def authenticate(
        self, headers: Mapping[str, str], nick: str, peer: str = "", network: str | None = None,
    ) -> StreamCredentials:
        """Credentials for the stream of ``nick``, by the headers of a request from the address ``peer``.

        ``network`` is the client's, ``None`` if unknown. Raises :class:`~webapp.api.problems.ApiError` if the
        client isn't allowed to read the stream, or tries too often.
        """
        if network is not None:
            self._take(ANONYMOUS, f"stream:{network}", self._services.settings.limits.anonymous)
        request = Request.blank(
            "/", environ={"REMOTE_ADDR": peer, "SERVER_PROTOCOL": PROTOCOL, "HTTP_HOST": ""},
            headers=dict(headers))
        with prepare(request, self._registry):
            self._check(request, nick)
            return self._credentials(request)

    def _check(self, request: Request, nick: str) -> None:
        identity: Identity | None = request.identity
        if identity is None:
            base_url = self._services.settings.web.base_url.rstrip("/")
            raise ApiError(
                401, f"Sign in at {base_url}/, or send a valid token in the header Authorization: Bearer ….",
                headers={"WWW-Authenticate": 'Bearer realm="FMN"'})
        if identity.token is not None and not identity.has_permission(Permission.READ):
            raise ApiError(
                403, "The token needs the scope read.",
                headers={"WWW-Authenticate": 'Bearer realm="FMN", error="insufficient_scope"'})
        self._take(Cost.READS, f"{Cost.READS}:{identity.user_id}", self._services.settings.limits.reads)
        if identity.nick != nick:
            raise ApiError(404, "This stream doesn’t exist or isn’t yours.")

    def _take(self, limit: str, key: str, rate: RateLimit) -> None:
        wait = self._services.buckets.take(key, rate).wait
        if wait:
            metrics.requests_refused.labels(limit).inc()
            raise ApiError(
                429, f"Too many connection attempts. Try again in {ceil(wait)} s.",
                headers={"Retry-After": str(ceil(wait))})

    def _credentials(self, request: Request) -> StreamCredentials:
        me = request.me
        preference_id = request.read_session.scalar(
            select(Preference.id).where(Preference.user_id == me.user_id, Preference.context == ABOUT.name))
        if preference_id is None:
            raise ApiError(404, "This stream doesn’t exist or isn’t yours.")
        if me.token is not None:
            note_use(request)
            return StreamCredentials(me.user_id, preference_id, token_id=me.token.token_id)
        version = request.read_session.get_one(User, me.user_id).session_version
        return StreamCredentials(me.user_id, preference_id, session_version=version, session_id=me.session_id)

    def expired(
        self, presented: Collection[StreamCredentials], now: datetime,
    ) -> frozenset[StreamCredentials]:
        """Those of the credentials whose session or token is no longer valid."""
        with self._services.database.reading() as session:
            rows = session.execute(
                select(User.id, User.session_version)
                .where(User.id.in_({each.user_id for each in presented})))
            versions = {row.id: row.session_version for row in rows}
            shown = {each.token_id for each in presented if each.token_id is not None}
            valid = valid_token_ids(session, shown, now)
            there = existing_sessions(
                session, {each.session_id for each in presented if each.session_id is not None})
        return frozenset(
            each for each in presented
            if (each.token_id not in valid if each.token_id is not None
                else versions.get(each.user_id) != each.session_version or each.session_id not in there))
