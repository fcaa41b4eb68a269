"""Limits of requests, as those see them who are beyond one, and those who aren't."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Event, Thread
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pyramid.response import Response
from webtest import TestApp, TestRequest, TestResponse

from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.infra.token_buckets import MemoryTokenBuckets
from fmn.people.accounts import get_or_create_account
from fmn.people.api_tokens import create_token
from fmn.settings import DatabaseSettings, Settings, WebSettings
from fmn.settings.request_limits import LimitSettings, RateLimit
from fmn.wiring import Services
from tests.factories.statements import statements_on
from tests.integration.webapp.conftest import BASE_URL
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import LOCAL, app_of, signed_in
from tests.integration.webapp.world import World
from webapp import configured
from webapp.concurrency_limits import ConcurrencyLimiter
from webapp.request import Request, WsgiApplication

LIMITS = LimitSettings(
    reads=RateLimit(5, 3600), writes=RateLimit(3, 3600), costly=RateLimit(2, 3600),
    anonymous=RateLimit(4, 3600),
    links=RateLimit(6, 3600), at_once=1, anonymous_at_once=1)
HERE, THERE = {"REMOTE_ADDR": "127.0.0.2"}, {"REMOTE_ADDR": "127.0.0.3"}
#: Seconds that no test takes.
SOON = 60.0


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(database: Database, clock: Clock) -> Iterator[Services]:
    """Services with limits that are soon reached."""
    made = Services(Settings(
        database=DatabaseSettings(url=database.url), limits=LIMITS,
        web=WebSettings(base_url=BASE_URL, secret="of the tests", development_login=True)))
    made.cache, made.buckets = MemoryCache(), MemoryTokenBuckets(clock)
    yield made
    made.database.close()


@pytest.fixture
def alice(services: Services, world: World, clock: Clock) -> TestApp:
    """Alice's browser, who has asked for nothing within the hour."""
    browser = signed_in(services, "alice")
    clock.now += 3600
    return browser


def program_of(services: Services, nick: str, name: str) -> TestApp:
    """A program of somebody's."""
    with services.database.transaction() as session:
        _, token = create_token(
            session, get_or_create_account(session, nick, ["email"]).id, name, ("read", "write"), None)
    return TestApp(app_of(services), extra_environ={"HTTP_AUTHORIZATION": f"Bearer {token}"})


def statuses(browser: TestApp, where: str, times: int, **environ: str) -> list[int]:
    """What becomes of so many requests."""
    return [browser.get(where, expect_errors=True, extra_environ=environ).status_code for _ in range(times)]


def refused(limit: str) -> float:
    return REGISTRY.get_sample_value("fmn_requests_refused_total", {"limit": limit}) or 0.0


def seconds_to_wait(answer: TestResponse) -> int:
    """What it says, in the header and in the sentence."""
    seconds = int(answer.headers["Retry-After"])
    assert f" {seconds} s" in answer.text
    return seconds


class TestSomebodyWhoIsSignedIn:
    def test_is_refused_beyond_the_limit_and_told_when_it_goes_again(
        self, alice: TestApp, clock: Clock,
    ) -> None:
        # Given somebody who has used up what one may read
        before = refused("reads")
        assert statuses(alice, "/catalogue", 5) == [200] * 5

        # When they ask for one page more
        page = alice.get("/catalogue", status=429)

        # Then a page says so, and when it goes again; and then it does
        outline(page)
        page.mustcontain("Too many requests", "counting all your browsers and programs")
        assert refused("reads") == before + 1
        clock.now += seconds_to_wait(page)
        assert statuses(alice, "/catalogue", 2) == [200, 429]

    def test_has_one_budget_for_all_browsers_and_programs(self, services: Services, alice: TestApp) -> None:
        first, second = (program_of(services, "alice", name) for name in ("first", "second"))

        assert statuses(alice, "/catalogue", 2) == [200] * 2
        assert statuses(first, "/api/v1/me", 2) == [200] * 2
        assert statuses(second, "/api/v1/me", 2) == [200, 429]
        assert statuses(alice, "/catalogue", 1) == [429]

    def test_takes_nothing_from_others(self, services: Services, alice: TestApp) -> None:
        mallory = signed_in(services, "mallory")
        assert 429 in statuses(mallory, "/catalogue", 6)

        assert statuses(alice, "/catalogue", 5) == [200] * 5

    def test_can_be_anywhere(self, alice: TestApp) -> None:
        assert statuses(alice, "/catalogue", 3, **HERE) == [200] * 3
        assert statuses(alice, "/catalogue", 3, **THERE) == [200, 200, 429]

    def test_has_other_budgets_for_what_changes_something_and_for_what_costs_much(
        self, services: Services, alice: TestApp,
    ) -> None:
        assert statuses(alice, "/catalogue", 6)[-1] == 429
        assert statuses(alice, "/account/preferences/export", 3) == [200, 200, 429]

        program = program_of(services, "alice", "writes")
        mute = {"kind": "package", "value": "tar"}
        answers = [program.post_json("/api/v1/mutes", mute, expect_errors=True).status_code for _ in range(4)]
        assert answers[-1] == 429
        assert 429 not in answers[:-1]

    def test_asks_the_database_for_nothing_but_who_it_is(self, services: Services, alice: TestApp) -> None:
        assert statuses(alice, "/inbox", 5) == [200] * 5

        with statements_on(services.database) as statements:
            alice.get("/inbox", status=429)

        assert len(statements) <= 2, statements


class TestAProgram:
    def test_is_told_by_a_problem_and_headers(self, services: Services, clock: Clock) -> None:
        program = program_of(services, "alice", "reads")

        answer = program.get("/api/v1/me")
        assert answer.headers["RateLimit-Policy"] == '"reads";q=5;w=3600'
        assert answer.headers["RateLimit"] == '"reads";r=4;t=720'
        statuses(program, "/api/v1/me", 4)
        refusal = program.get("/api/v1/me", status=429)

        assert refusal.content_type == "application/problem+json"
        assert refusal.json["type"].endswith("#too-many")
        assert refusal.headers["RateLimit"] == '"reads";r=0;t=3600'
        clock.now += seconds_to_wait(refusal)
        program.get("/api/v1/me")


class TestAStranger:
    def test_is_refused_beyond_the_limit_of_the_address(self, web: TestApp) -> None:
        assert statuses(web, "/", 5, **HERE) == [200] * 4 + [429]
        page = web.get("/catalogue", status=429, extra_environ=HERE)
        outline(page)
        page.mustcontain("Your network address", "Sign in, or try again")

        assert statuses(web, "/", 1, **THERE) == [200]

    def test_has_a_whole_network_of_ipv6_at_once(self, web: TestApp) -> None:
        answers = [
            statuses(web, "/", 1, REMOTE_ADDR=f"2001:db8::{number}")[0] for number in range(1, 6)]
        assert answers == [200] * 4 + [429]
        assert statuses(web, "/", 1, REMOTE_ADDR="2001:db8:0:1::1") == [200]

    def test_is_not_believed_what_it_says_of_its_address(self, web: TestApp) -> None:
        answers = [web.get("/", extra_environ=HERE, headers={"X-Forwarded-For": f"198.51.100.{number}"},
                           expect_errors=True).status_code for number in range(5)]
        assert answers == [200] * 4 + [429]

    def test_is_one_however_many_tokens_it_tries(self, web: TestApp) -> None:
        answers = [web.get("/api/v1/me", extra_environ=HERE, expect_errors=True, headers={
            "Authorization": f"Bearer fmn_{number}"}).status_code for number in range(5)]
        assert answers == [401] * 4 + [429]

    def test_leaves_those_alone_who_are_signed_in_at_its_address(self, web: TestApp, alice: TestApp) -> None:
        statuses(web, "/", 5, **HERE)

        assert statuses(alice, "/catalogue", 1, **HERE) == [200]


class TestWhatIsNeverRefused:
    @pytest.mark.parametrize("where", ["/livez", "/healthz", "/static/base.css"])
    def test_what_supervisors_ask_and_files(self, web: TestApp, where: str) -> None:
        assert statuses(web, where, 20, **HERE) == [200] * 20

    def test_links_of_mails_have_a_budget_of_their_own(self, web: TestApp, world: World) -> None:
        # Given an address from which no page can be asked for any more
        assert 429 in statuses(web, "/", 5, **HERE)

        # Then a mail program there can still unsubscribe somebody
        answer = web.post(
            world.stop_filter, {"List-Unsubscribe": "One-Click"}, extra_environ=HERE)
        assert answer.text == "Unsubscribed.\n"
        # And their links are limited, too
        assert statuses(web, world.stop_filter, 6, **HERE) == [200] * 5 + [429]
        web.get(world.stop_filter, extra_environ=HERE, status=429).mustcontain("has opened too many links")


class TestSlowRequests:
    """One person's mustn't take all threads."""

    @pytest.fixture
    def waiting(self) -> Iterator[Mapping[str, Event]]:
        events = {"began": Event(), "end": Event()}
        yield events
        events["end"].set()

    @pytest.fixture
    def app(self, services: Services, waiting: Mapping[str, Event]) -> WsgiApplication:
        """The web app, with a page that takes as long as a test wants."""
        def slow(_request: Request) -> Response:
            waiting["began"].set()
            waiting["end"].wait(SOON)
            return Response("done")

        config = configured(services, trial=True)
        config.add_route("slow", "/slow")
        config.add_view(slow, route_name="slow")
        made: Any = config.make_wsgi_app()
        made.registry.concurrency_limiter = ConcurrencyLimiter(wait_seconds=0.01)
        app: WsgiApplication = made
        return app

    def test_one_more_of_the_same_person_is_refused_and_of_others_not(
        self, app: WsgiApplication, waiting: Mapping[str, Event], services: Services, clock: Clock,
    ) -> None:
        # Given somebody whose request takes long
        mallory, alice = (browser_of(app, nick) for nick in ("mallory", "alice"))
        clock.now += 3600
        answers: list[int] = []
        thread = Thread(target=lambda: answers.append(mallory.get("/slow").status_code))
        thread.start()
        assert waiting["began"].wait(SOON)

        # Then another of theirs is refused, and nobody else's
        page = browser_of_same(mallory, app).get("/catalogue", status=429)
        page.mustcontain("still in progress")
        assert page.headers["Retry-After"] == "1"
        assert alice.get("/catalogue").status_code == 200

        # And once it's done they can go on
        waiting["end"].set()
        thread.join(SOON)
        assert answers == [200]
        assert browser_of_same(mallory, app).get("/catalogue").status_code == 200

    def test_that_fail_count_no_longer(self, app: WsgiApplication, clock: Clock) -> None:
        mallory = browser_of(app, "mallory")
        clock.now += 3600

        assert statuses(mallory, "/inbox?before=odd", 2) == [400] * 2
        mallory.get("/catalogue")

    def test_a_download_is_in_progress_until_it_is_sent(self, app: WsgiApplication, clock: Clock) -> None:
        # Given somebody who reads their data slowly
        alice = browser_of(app, "alice")
        clock.now += 3600
        cookies = "; ".join(f"{name}={value}" for name, value in alice.cookies.items())
        environ = TestRequest.blank("/account/export", LOCAL, headers={"Cookie": cookies}).environ
        begun: list[str] = []
        body = app(environ, lambda status, _headers: begun.append(status))
        assert begun == ["200 OK"]
        assert next(iter(body))

        # Then that's one of their requests, until they have it or go
        alice.get("/catalogue", status=429)
        body.close()  # type: ignore[attr-defined] # servers call it, if it's there
        alice.get("/catalogue")


def browser_of(app: WsgiApplication, nick: str) -> TestApp:
    """A browser in which somebody signed in."""
    browser = TestApp(app, extra_environ=LOCAL)
    form = browser.get("/sign-in").forms[0]
    form["nick"] = nick
    form.submit(status=303)
    return browser


def browser_of_same(browser: TestApp, app: WsgiApplication) -> TestApp:
    """Another window of a browser: webtest's can't ask for two things at once."""
    return TestApp(app, cookiejar=browser.cookiejar, extra_environ=LOCAL)
