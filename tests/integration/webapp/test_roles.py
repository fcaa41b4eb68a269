"""The web app and the live feed work with the rights of their database roles."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import httpx

from fmn.administration.hook_management import NewHook, add_hook, remove_hook, secret_of
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.ledger.models import StoredMessage
from fmn.settings import (
    DatabaseSettings,
    Settings,
    WebSettings,
)
from fmn.sources.webhooks.payloads import HookRequest
from fmn.wiring import Services
from tests.factories.database_roles import RoleDatabase, rows
from tests.factories.forges import forgejo
from tests.factories.messages import NOON
from tests.integration.webapp.access_matrix import ROWS, Outcome, Requester, outcome
from tests.integration.webapp.alices_rows import Own
from tests.integration.webapp.site import Site, attempt
from tests.integration.webapp.stream.listeners import Owner
from tests.servers.feed import FeedServer


def test_a_stream_serves_people_with_tokens_and_sessions(
    roles: RoleDatabase, owned: Database, server_directory: Path,
) -> None:
    services = Services(Settings.model_validate({
        "database": {"url": owned.url}, "delivery": {"channels": ("email", "sse")},
        "web": WebSettings(secret="of the tests")}))
    alice = Owner.of(services, "alice")
    alice.gets("first")
    settings = {"fmn.web.secret": "of the tests", "fmn.web.base_url": "http://localhost",
                "fmn.sse.heartbeat_seconds": "0.2"}
    with (FeedServer(server_directory / "roles", roles.url_of("fmn_sse"), settings) as feed,
          httpx.stream("GET", f"{feed.url}/user/alice", headers={
              "Authorization": f"Bearer {alice.token}", "Last-Event-ID": "0"}) as answer):
        assert answer.status_code == httpx.codes.OK
        alice.gets("second")
        read = ""
        for text in answer.iter_text():
            read += text
            if "id: second" in read:
                break
        assert "permission denied" not in (server_directory / "roles" / "log").read_text(encoding="utf-8")
    services.database.close()


#: Whoever may do most of what a row is about.
SOMEBODY: Final = (
    Requester.NOBODY, Requester.ALICE, Requester.ROOT, Requester.ALICE_READS, Requester.ALICE_WRITES,
    Requester.ROOT_PUBLISHES)


def test_the_web_app_does_all_that_anybody_may(roles: RoleDatabase, owned: Database) -> None:
    # Given Alice with one of everything, and everything done by all who may; what deletes her comes last
    settings = Settings(
        database=DatabaseSettings(url=roles.url_of("fmn_web")),
        web=WebSettings(
            base_url="http://localhost", secret="of the tests", development_login=True,
            administrators=("root",), security_contact=("mailto:security@example.org",)))
    services = Services(settings)
    services.cache = MemoryCache()
    made_by = Services(settings)
    made_by.cache, made_by.database = services.cache, owned
    own = Own.of(made_by)
    site = Site(services, own)
    browsers = {who: site.browser(who) for who in SOMEBODY}
    worst = []
    for row in sorted(ROWS, key=lambda row: "delete" in row.route or row.method == "DELETE"):
        for who in SOMEBODY:
            if outcome(row.policy, who, row.method) is Outcome.LET_IN:
                answer = attempt(browsers[who], row, own)
                if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                    worst.append((row.method, row.route, answer.status))
    services.database.close()

    assert roles.denied == []
    assert worst == []


def test_the_web_app_stores_what_forges_send(roles: RoleDatabase, owned: Database) -> None:
    settings = Settings(
        database=DatabaseSettings(url=roles.url_of("fmn_web")),
        web=WebSettings(base_url="http://localhost", secret="of the tests"))
    services = Services(settings)
    with services.database.transaction() as session:
        hook = add_hook(session, "root", NewHook("moss", "forgejo", "org.example.prod"), NOON)
    for secret in ("whsec_wrong", secret_of(settings, hook)):
        headers = {name.lower(): value for name, value in forgejo().signed(secret).items()}
        services.hook_receiver.receive("moss", HookRequest(headers, "application/json", forgejo().body))
    with services.database.transaction() as session:
        remove_hook(session, "root", session.merge(hook))
    services.database.close()

    assert rows(owned, StoredMessage) == 1
    assert roles.denied == []
