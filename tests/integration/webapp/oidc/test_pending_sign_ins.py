"""A sign-in is finished once, soon, and by the browser that began it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from webtest import TestApp

from fmn.infra.clock import utc_now
from fmn.wiring import Services
from tests.factories.clocks import Clock
from tests.integration.webapp.oidc.flow import at_provider, come_back, refused, who
from tests.integration.webapp.signing_in import app_of
from tests.servers.oidc import OidcProvider
from webapp.auth.pending_sign_ins import ATTEMPT_SECONDS

#: What accounts are in the database is the same on each kind, see tests/integration/people/test_accounts.py.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class TestSessions:
    def test_what_the_browser_had_before_is_worth_nothing_after(
        self, web: TestApp, services: Services,
    ) -> None:
        # Given a browser whose cookies somebody else knows
        web.get("/sign-in")
        web.get("/sign-in/begin")
        before = dict(web.cookies)
        # When Alice signs in with it
        come_back(web)
        # Then it has others, and the known ones are nobody's
        assert who(web) == "alice"
        assert not {*before.values()} & {*web.cookies.values()}
        mallory = TestApp(app_of(services))
        for name, value in before.items():
            mallory.set_cookie(name, value)
        assert who(mallory) is None

    def test_nobody_can_be_signed_in_by_somebody_elses_link(
        self, web: TestApp, services: Services, provider: OidcProvider,
    ) -> None:
        # Given Mallory, who signed in at the provider and keeps the link that leads back
        mallory = TestApp(app_of(services))
        link = at_provider(mallory.get("/sign-in/begin").location)
        # When Alice opens it, having begun a sign-in of her own or not
        for prepare in (lambda: None, lambda: web.get("/sign-in/begin")):
            prepare()
            refused(web.get(link, expect_errors=True), 400, "started in another browser")
        # Then nobody has asked the provider who she is
        assert "/token" not in provider.asked
        assert who(web) is None

    def test_several_windows_may_be_open(self, web: TestApp) -> None:
        windows = [at_provider(web.get("/sign-in/begin").location) for _ in range(3)]
        web.get(windows[0], status=303)
        assert who(web) == "alice"
        # The others belong to what the browser was before.
        answer = web.get(windows[1], expect_errors=True)
        refused(answer, 400, "already used")
        answer.mustcontain("already signed in as alice")
        assert who(web) == "alice"

    def test_a_link_that_is_opened_twice_works_once(
        self, web: TestApp, services: Services, provider: OidcProvider,
    ) -> None:
        begun = web.get("/sign-in/begin")
        cookies = dict(web.cookies)
        link = at_provider(begun.location)
        web.get(link, status=303)
        # Not even with the cookies of before
        provider.asked.clear()
        again = TestApp(app_of(services))
        for name, value in cookies.items():
            again.set_cookie(name, value)
        refused(again.get(link, expect_errors=True), 400, "already used")
        assert provider.asked == []
        assert who(again) is None

    def test_it_may_not_take_for_ever(
        self, web: TestApp, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        link = at_provider(web.get("/sign-in/begin").location)
        clock = Clock(utc_now() + timedelta(seconds=ATTEMPT_SECONDS + 5))
        monkeypatch.setattr("webapp.request.utc_now", clock)
        refused(web.get(link, expect_errors=True), 400, "took too long")
