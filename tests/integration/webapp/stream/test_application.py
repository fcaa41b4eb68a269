"""The addresses of the live feed, asked over HTTP: who gets what, and from which pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import delete, update

from fmn.delivery.sse.settings import SseSettings
from fmn.people.models import ApiToken, User
from fmn.settings.request_limits import LimitSettings, RateLimit
from fmn.wiring import Services
from tests.conftest import started
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.stream.listeners import SOON, Owner, curl
from tests.servers.nginx import Nginx
from tests.servers.waiting import wait_until
from webapp.server import listening
from webapp.stream import broadcaster
from webapp.stream.serving import serve

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

ELSEWHERE = "https://dash.example.org"
DOCUMENTATION = Path(__file__).parents[4] / "docs" / "how-to" / "live-feed.rst"


@dataclass(frozen=True)
class Served:
    """The service in a thread of ours; what listens writes to files in ``directory``."""

    url: str
    directory: Path


@pytest.fixture
def served(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The service, which looks often whether those who listen still may, and has room for three."""
    monkeypatch.setattr(broadcaster, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(broadcaster, "CHECK_SECONDS", 0.05)
    settings = SseSettings(
        allowed_origins=(ELSEWHERE,), most_readers=3, most_readers_per_user=2, most_readers_per_address=1)
    limits = LimitSettings(anonymous=RateLimit(3, 3600))
    made = Services(services.settings.model_copy(update={"sse": settings, "limits": limits}))
    made.database = services.database
    stop = Event()
    with listening("127.0.0.1", 0) as bound:
        thread = Thread(target=serve, args=(made, bound, stop), kwargs={"trial": True})
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{bound.getsockname()[1]}", tmp_path)
        finally:
            stop.set()
            thread.join()


def cookie(services: Services, nick: str) -> dict[str, str]:
    return {"Cookie": f"fmn={signed_in(services, nick).cookies['fmn']}"}


class TestWhoListens:
    def test_is_told_why_not(self, served: Served, alice: Owner) -> None:
        for where, headers, status in (
            ("/user/alice", {}, 401), ("/user/bob", alice.shown, 404), ("/user/", alice.shown, 404),
            ("/user/alice/more", alice.shown, 404), ("/", alice.shown, 404),
        ):
            answer = httpx.get(served.url + where, headers=headers)
            assert (answer.status_code, answer.json()["status"]) == (status, status)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["detail"]
        assert httpx.post(f"{served.url}/user/alice", headers=alice.shown).status_code == 405

    def test_gets_a_stream_that_nobody_on_the_way_keeps(self, served: Served, alice: Owner) -> None:
        answer = httpx.head(f"{served.url}/user/alice", headers=alice.shown)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert "no-cache" in answer.headers["Cache-Control"]

    def test_may_ask_for_any_nonsense(self, served: Served, alice: Owner) -> None:
        alice.gets("one")
        start = f"start:{alice.preference_id}:0"
        for nonsense in ("%00", "%0d%0aid:%20x", "%ff", "a" * 5000):
            with alice.listening(served, query=f"?last_event_id={nonsense}") as listener:
                listener.gets(start, "one")
                assert listener.events[0].type == "gap"

    def test_finds_no_room_when_there_is_none(self, served: Served, services: Services, alice: Owner) -> None:
        bob = Owner.of(services, "bob")
        with alice.listening(served) as one, alice.listening(served) as two:
            one.begins()
            two.begins()
            refused = httpx.get(f"{served.url}/user/alice", headers=alice.shown)
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
            with bob.listening(served) as three:
                three.begins()
                refused = httpx.get(f"{served.url}/user/bob", headers=bob.shown)
                assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        # and room again when they've gone
        where = f"{served.url}/user/bob"
        wait_until(lambda: httpx.head(where, headers=bob.shown).is_success, SOON, "there's no room")


class TestWhereSomebodyIs:
    """The proxy says so, which is 127.0.0.1 here."""

    def there(self, alice: Owner, address: str = "192.0.2.1") -> dict[str, str]:
        return {**alice.shown, "X-Forwarded-For": address}

    def test_counts_for_the_connections_of_an_address(
        self, served: Served, services: Services, alice: Owner,
    ) -> None:
        bob = Owner.of(services, "bob")
        with curl(f"{served.url}/user/alice", self.there(alice), served.directory) as listener:
            listener.begins()
            refused = httpx.get(f"{served.url}/user/bob", headers=self.there(bob))
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
            assert "Your network address has 1 open connections" in refused.json()["detail"]
            assert httpx.head(f"{served.url}/user/bob", headers=self.there(bob, "192.0.2.2")).is_success

    def test_counts_for_attempts_too(self, served: Served) -> None:
        attempts = [httpx.get(f"{served.url}/user/alice", headers={"X-Forwarded-For": "192.0.2.3"})
                    for _ in range(4)]
        assert [each.status_code for each in attempts] == [401, 401, 401, 429]
        assert int(attempts[-1].headers["Retry-After"]) > 0
        assert attempts[-1].json()["detail"].startswith("Too many connection attempts.")


class TestWhoMayNotListenAnyMore:
    def test_a_token_that_is_revoked_ends_its_stream(
        self, served: Served, services: Services, alice: Owner,
    ) -> None:
        with curl(f"{served.url}/user/alice", cookie(services, "alice"), served.directory) as browser:
            with alice.listening(served) as program:
                program.begins()
                browser.begins()
                with services.database.transaction() as session:
                    session.execute(delete(ApiToken))
                assert program.ends() == 0
            alice.gets("after")
            browser.gets("after")
            assert program.ids == []

    def test_signing_out_everywhere_ends_the_streams_of_browsers(
        self, served: Served, services: Services, alice: Owner,
    ) -> None:
        shown = cookie(services, "alice")
        with curl(f"{served.url}/user/alice", shown, served.directory) as browser, \
                alice.listening(served) as program:
            browser.begins()
            program.begins()
            with services.database.transaction() as session:
                session.execute(update(User).values(session_version=User.session_version + 1))
            assert browser.ends() == 0
            alice.gets("after")
            program.gets("after")
        assert httpx.get(f"{served.url}/user/alice", headers=shown).status_code == 401

    def test_a_browser_shows_now_and_then_who_it_is(
        self, served: Served, services: Services, alice: Owner, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(broadcaster, "SESSION_STREAM_SECONDS", 0.1)
        with alice.listening(served) as program, \
                curl(f"{served.url}/user/alice", cookie(services, "alice"), served.directory) as browser:
            assert browser.ends() == 0
            alice.gets("after")
            program.gets("after")


class TestPagesOfOtherSites:
    @pytest.mark.parametrize("origin", ["http://localhost", ELSEWHERE])
    def test_may_listen_if_they_are_allowed_to(self, served: Served, alice: Owner, origin: str) -> None:
        answer = httpx.head(f"{served.url}/user/alice", headers={**alice.shown, "Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET",
                 "Access-Control-Request-Headers": "authorization,last-event-id"}
        assert httpx.options(f"{served.url}/user/alice", headers=asked).status_code == 200

    @pytest.mark.parametrize("origin", ["http://localhost:1", "https://evil.example", "null"])
    def test_may_not_if_not(self, served: Served, alice: Owner, origin: str) -> None:
        answer = httpx.head(f"{served.url}/user/alice", headers={**alice.shown, "Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_works_through_a_proxy_that_is_told_what_the_documentation_says(
    served: Served, alice: Owner, tmp_path: Path,
) -> None:
    found = re.search(r"location /user/ \{.*?\n    \}", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    locations = found[0].replace("http://127.0.0.1:6544", served.url)
    proxy = started(Nginx(tmp_path / "nginx", locations))
    try:
        with alice.listening(proxy) as listener:
            listener.begins()
            alice.gets("one")
            listener.gets("one")
            # One at a time: nobody waits until there's more
            alice.gets("two")
            listener.gets("one", "two")
        # Whoever leaves the proxy has left us
        wait_until(lambda: REGISTRY.get_sample_value("fmn_stream_readers") == 0, SOON, "still there")
    finally:
        proxy.stop()
