"""Typed request: services, sessions and identity that views use. Pyramid has no types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import pyramid.request
import zope.sqlalchemy
from sqlalchemy.orm import Session
from webob.multidict import MultiDict

from fmn.delivery.signed_links import Links
from fmn.infra.clock import utc_now
from fmn.wiring import Services
from webapp.identity import Identity
from webapp.oidc.provider import Provider

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Request(pyramid.request.Request):  # type: ignore[misc] # it's untyped
    """Request with the process's services and a database session."""

    #: Bytes of a form that are kept in memory: all of it, for the server takes no longer ones, and WebOb
    #: leaves the files open in which it would keep the rest.
    request_body_tempfile_limit = 2_000_000

    matchdict: Mapping[str, str]
    GET: MultiDict[str, str]
    POST: MultiDict[str, str]
    session: Any
    identity: Identity | None
    #: What it's counted for as long as it's in progress, see :mod:`webapp.rate_limits`.
    concurrency_keys: list[str]

    @property
    def services(self) -> Services:
        """The process's services."""
        found: Services = self.registry.services
        return found

    @property
    def contexts(self) -> Sequence[str]:
        """The contexts available on this site."""
        return self.services.contexts

    @property
    def links(self) -> Links:
        """Signer and reader of the tokens in links."""
        found: Links = self.registry.links
        return found

    @property
    def provider(self) -> Provider | None:
        """The OpenID provider, if one is configured."""
        found: Provider | None = self.registry.provider
        return found

    @property
    def me(self) -> Identity:
        """The signed-in identity, in views that require one."""
        assert self.identity is not None
        return self.identity

    @cached_property
    def now(self) -> datetime:
        """The time of the request."""
        return utc_now()

    @cached_property
    def icons(self) -> str:
        """The address of the icons. A page has hundreds, and making an address takes as long as an entry."""
        found: str = self.static_path("webapp:static/icons.svg")
        return found

    @cached_property
    def read_session(self) -> Session:
        """Read-only database session, which doesn't block writers."""
        session = Session(self.services.database.reading_engine, expire_on_commit=False)
        self.add_finished_callback(lambda _request: session.close())
        return session

    @cached_property
    def db(self) -> Session:
        """Database session, committed with the response or rolled back with an exception."""
        session = Session(self.services.database.engine, expire_on_commit=False)
        # Always committed: a statement that goes past the objects isn't seen, and would be rolled back.
        zope.sqlalchemy.register(
            session, initial_state=zope.sqlalchemy.datamanager.STATUS_CHANGED, transaction_manager=self.tm)
        return session
