"""The request as our views know it. Pyramid has no types; what views use of it has them here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

import pyramid.request
import zope.sqlalchemy
from sqlalchemy.orm import Session

from fmn.delivery.links import Links
from fmn.wiring import Services

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Request(pyramid.request.Request):  # type: ignore[misc] # it's untyped
    """A request, with the services of the process and a session of its own."""

    matchdict: Mapping[str, str]
    POST: Mapping[str, str]

    @property
    def services(self) -> Services:
        """What this process works with."""
        found: Services = self.registry.services
        return found

    @property
    def links(self) -> Links:
        """Makes and reads the tokens of links in mails."""
        found: Links = self.registry.links
        return found

    @cached_property
    def db(self) -> Session:
        """The session of this request: committed with its response, rolled back with an exception."""
        session = Session(self.services.database.engine, expire_on_commit=False)
        # Always committed: a statement that goes past the objects isn't seen, and would be rolled back.
        zope.sqlalchemy.register(
            session, initial_state=zope.sqlalchemy.datamanager.STATUS_CHANGED, transaction_manager=self.tm)
        return session
