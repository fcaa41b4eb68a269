"""The request as our views know it. Pyramid has no types; what views use of it has them here."""

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
    """A request, with the services of the process and a session of its own."""

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
        """What this process works with."""
        found: Services = self.registry.services
        return found

    @property
    def contexts(self) -> Sequence[str]:
        """The contexts that people can choose from here."""
        return self.services.contexts

    @property
    def links(self) -> Links:
        """Makes and reads the tokens of links in mails."""
        found: Links = self.registry.links
        return found

    @property
    def provider(self) -> Provider | None:
        """The OpenID provider that people sign in with, if there's one."""
        found: Provider | None = self.registry.provider
        return found

    @property
    def me(self) -> Identity:
        """Who asks, in views that nobody else gets to see."""
        assert self.identity is not None
        return self.identity

    @cached_property
    def now(self) -> datetime:
        """The time of the request."""
        return utc_now()

    @cached_property
    def read_session(self) -> Session:
        """A session that only reads, and keeps nobody from writing meanwhile."""
        session = Session(self.services.database.reading_engine, expire_on_commit=False)
        self.add_finished_callback(lambda _request: session.close())
        return session

    @cached_property
    def db(self) -> Session:
        """The session of this request: committed with its response, rolled back with an exception."""
        session = Session(self.services.database.engine, expire_on_commit=False)
        # Always committed: a statement that goes past the objects isn't seen, and would be rolled back.
        zope.sqlalchemy.register(
            session, initial_state=zope.sqlalchemy.datamanager.STATUS_CHANGED, transaction_manager=self.tm)
        return session
