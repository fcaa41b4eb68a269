"""The web app with Alice's world in it, and how everybody reaches it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import select
from webtest import TestApp, TestResponse

from fmn.infra.cache import MemoryCache
from fmn.infra.db import Base
from fmn.people.accounts import get_or_create_account
from fmn.people.api_tokens import create_token
from fmn.settings import DatabaseSettings, DeliverySettings, DirectorySettings, Settings, WebSettings
from fmn.sources.webhooks.models import HookDelivery
from fmn.wiring import Services
from tests.factories.databases import tables_in
from tests.factories.limits import NO_LIMITS
from tests.integration.webapp.access_matrix import AccessCase, Requester
from tests.integration.webapp.alices_rows import Own
from tests.integration.webapp.signing_in import app_of, signed_in
from webapp.identity import Permission

#: The name of the database's file.
DATABASE: Final = "fmn.sqlite"

SCOPES: Mapping[Requester, tuple[str, list[str]]] = {
    Requester.ALICE_READS: ("alice", [Permission.READ]),
    Requester.ALICE_WRITES: ("alice", [Permission.WRITE]),
    Requester.MALLORY_BOTH: ("mallory", [Permission.READ, Permission.WRITE]),
    Requester.MALLORY_PUBLISHES: ("mallory", [Permission.PUBLISH]),
    Requester.ROOT_PUBLISHES: ("root", [Permission.PUBLISH]),
}


@dataclass(frozen=True)
class Site:
    """The web app with Alice's world in it."""

    services: Services
    own: Own

    def browser(self, who: Requester) -> TestApp:
        """Whatever somebody uses to reach the web app."""
        if who in SCOPES:
            nick, scopes = SCOPES[who]
            with self.services.database.transaction() as session:
                user = get_or_create_account(session, nick, ["email"])
                _, token = create_token(session, user.id, who, scopes, None)
            shown = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
            return TestApp(app_of(self.services), extra_environ=shown)
        if who is Requester.NOBODY:
            return TestApp(app_of(self.services))
        return signed_in(self.services, who)

    def rows(self) -> Mapping[str, list[Any]]:
        """All that is in the database, but for when a token was last used and that a webhook was called."""
        with closing(sqlite3.connect(self.services.database.engine.url.database or "")) as connection:
            return {name: connection.execute(asked).fetchall() for name, asked in _questions().items()}


@cache
def _questions() -> Mapping[str, str]:
    """The statement for all rows of a table, by its name. SQLAlchemy would take ten times as long to ask."""
    return {
        table.name: str(select(*(column for column in table.columns if column.name != "last_used_at")))
        for table in Base.metadata.sorted_tables if table is not HookDelivery.__table__
    }


def make_site(folder: Path) -> Iterator[Site]:
    """The site in a database of its own. Alice's world is the same each time, and made once."""
    file, own = _alices_world()
    (folder / DATABASE).write_bytes(file)
    services = _services_in(folder)
    yield Site(services, own)
    services.database.close()


@cache
def _alices_world() -> tuple[bytes, Own]:
    """A database file with Alice's world, and what is in it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with tables_in(_url_in(folder)):
            services = _services_in(folder)
            own = Own.of(services)
            services.database.close()
        return (folder / DATABASE).read_bytes(), own


def _services_in(folder: Path) -> Services:
    directory = folder / "directory.json"
    directory.write_text(json.dumps({"groups": {"infra": ["alice"]}}))
    services = Services(Settings(
        database=DatabaseSettings(url=_url_in(folder)), limits=NO_LIMITS,
        delivery=DeliverySettings(channels=("email", "apprise")),
        directory=DirectorySettings(ownership="file", file=directory),
        web=WebSettings(
            base_url="http://localhost", secret="of the tests", development_login=True,
            administrators=("root",), security_contact=("mailto:security@example.org",))))
    services.cache = MemoryCache()
    return services


def _url_in(folder: Path) -> str:
    return f"sqlite:///{folder}/{DATABASE}"


def attempt(browser: TestApp, row: AccessCase, own: Own) -> TestResponse:
    """Somebody tries it, with the token that their own forms have."""
    headers = {"Content-Type": "application/json"} if row.policy.value.startswith("api") else {}
    where = row.path(own)
    if row.method == "GET":
        return browser.get(where, expect_errors=True)
    if headers:
        return browser.request(
            where, method=row.method, body=json.dumps(row.body).encode(), headers={**headers, **row.headers},
            expect_errors=True)
    if "csrf_token" not in browser.cookies:
        browser.get("/sign-in")
    form = {"csrf_token": browser.cookies["csrf_token"], **row.form}
    return browser.post(where, form, headers=dict(row.headers), expect_errors=True)
