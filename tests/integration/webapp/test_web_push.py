"""Web Push in the web app: what browsers fetch to install FMN, and the list of somebody's browsers."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from webtest import TestApp, TestResponse

from fmn.infra.cache import MemoryCache
from fmn.infra.clock import utc_now
from fmn.people.addresses import MAX_ADDRESSES, disable_address
from fmn.people.models import DetailValue, Preference
from fmn.settings import DeliverySettings
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.test_preferences import form_of
from tests.servers.push_service import Browser
from webapp.auth.security import CONTENT_SECURITY_POLICY

PAGE = "/preferences/webpush"


@pytest.fixture
def pushing(services: Services) -> Iterator[Services]:
    """Services with mail and Web Push."""
    made = Services(services.settings.model_copy(
        update={"delivery": DeliverySettings(channels=("email", "webpush"))}))
    made.cache = MemoryCache()
    yield made
    made.database.close()


@pytest.fixture
def ali(pushing: Services) -> TestApp:
    return signed_in(pushing, "alice")


def enable(app: TestApp, number: int = 1, status: int = 303, **said: str) -> TestResponse:
    """What the page's script sends."""
    form = form_of(app.get(PAGE), "addresses")
    browser = Browser(f"https://push.example.net/{number}", "")
    form["address"] = json.dumps({**browser.subscription, "browser": "Firefox on Linux", **said})
    return form.submit(status=status)


def browsers(services: Services) -> list[DetailValue]:
    with services.database.reading() as session:
        return list(session.scalars(
            select(DetailValue).join(Preference).where(Preference.context == "webpush")
            .order_by(DetailValue.id)))


class TestWhatBrowsersFetch:
    def test_the_service_worker_is_for_all_pages_and_always_the_newest(self, web: TestApp) -> None:
        answer = web.get("/service-worker.js")
        assert answer.content_type == "text/javascript"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert "notificationclick" in answer.text

    def test_the_manifest_has_icons_as_large_as_it_says(self, web: TestApp) -> None:
        answer = web.get("/manifest.webmanifest")
        assert answer.content_type == "application/manifest+json"
        assert answer.json["start_url"] == answer.json["scope"] == "/"
        assert answer.json["display"] == "standalone"
        for icon in answer.json["icons"]:
            found = web.get(icon["src"])
            assert found.content_type == icon["type"]
            if icon["type"] == "image/png":
                size = icon["sizes"].partition("x")[0]
                assert struct.unpack("!2I", found.body[16:24]) == (int(size), int(size))
        assert {icon["purpose"] for icon in answer.json["icons"]} == {"any", "maskable"}

    def test_every_page_names_the_manifest(self, web: TestApp) -> None:
        assert web.get("/").html.find("link", rel="manifest")["href"] == "/manifest.webmanifest"


def test_nobody_is_asked_to_type_a_subscription(ali: TestApp) -> None:
    assert "Push subscription" not in ali.get("/welcome")
    assert "Push subscription" not in ali.get(PAGE)


class TestABrowser:
    def test_is_named_and_shown_by_nothing_else(self, ali: TestApp, pushing: Services) -> None:
        page = enable(ali).follow()
        outline(page)
        assert "Firefox on Linux" in page
        assert "push.example.net" not in page
        assert "Switch web push off" in page
        [kept] = browsers(pushing)
        assert kept.value.startswith("https://push.example.net/1#browser=Firefox+on+Linux&keys=")

    def test_is_refused_in_a_sentence(self, ali: TestApp, pushing: Services) -> None:
        page = enable(ali, status=422, endpoint="https://127.0.0.1/")
        assert "Nothing can be sent to 127.0.0.1: its address isn't public" in page.html.text
        form = form_of(ali.get(PAGE), "addresses")
        form["address"] = "moss"
        assert "This isn’t a browser’s push subscription." in form.submit(status=422)
        assert browsers(pushing) == []

    def test_is_one_of_ten(self, ali: TestApp, pushing: Services) -> None:
        for number in range(MAX_ADDRESSES):
            enable(ali, number)
        assert "10 addresses are the most" in enable(ali, 99, status=422)
        assert len(browsers(pushing)) == MAX_ADDRESSES

    def test_that_ended_makes_room_for_the_next_of_its_name(self, ali: TestApp, pushing: Services) -> None:
        enable(ali)
        enable(ali, 2, browser="Safari on iPhone")
        with pushing.database.transaction() as session:
            for each in session.scalars(select(DetailValue).join(Preference).where(
                    Preference.context == "webpush")):
                disable_address(session, each, "this browser takes no more", utc_now())
        page = ali.get(PAGE)
        assert "this browser takes no more. Enable notifications in that browser again." in page.html.text
        assert "Send new code" not in page
        enable(ali, 3)
        assert [each.value.partition("#")[0][-1] for each in browsers(pushing)] == ["2", "3"]


class TestARenewal:
    """A browser's service worker says that its subscription is another one now."""

    @pytest.fixture
    def confirmed(self, ali: TestApp, pushing: Services) -> str:
        """The endpoint of Alice's browser."""
        enable(ali)
        with pushing.database.transaction() as session:
            for each in session.scalars(select(DetailValue).join(Preference).where(
                    Preference.context == "webpush")):
                each.confirmed_at = utc_now()
        return "https://push.example.net/1"

    def renew(
        self, app: TestApp, old: str, new: str = "https://push.example.net/2", *, status: int = 204,
        site: str = "same-origin",
    ) -> None:
        said = {"old": old, "address": json.dumps(Browser(new, "").subscription)}
        app.post("/web-push/renewal", said, headers={"Sec-Fetch-Site": site}, status=status)

    def test_takes_the_place_of_the_former_one(
        self, ali: TestApp, pushing: Services, confirmed: str,
    ) -> None:
        self.renew(ali, confirmed)
        [kept] = browsers(pushing)
        assert kept.value.startswith("https://push.example.net/2#browser=Firefox+on+Linux&keys=")
        assert kept.confirmed_at is not None
        self.renew(ali, confirmed, status=410)  # that's no news any more

    def test_at_another_push_service_is_confirmed_like_any_new_one(
        self, ali: TestApp, pushing: Services, confirmed: str,
    ) -> None:
        self.renew(ali, confirmed, "https://elsewhere.example.net/2")
        [kept] = browsers(pushing)
        assert kept.value.startswith("https://elsewhere.example.net/2#")
        assert kept.confirmed_at is None
        assert "Send new code" in ali.get(PAGE)

    def test_of_one_that_was_never_confirmed_is_not_either(self, ali: TestApp, pushing: Services) -> None:
        enable(ali)
        self.renew(ali, "https://push.example.net/1")
        [kept] = browsers(pushing)
        assert (kept.value.partition("#")[0], kept.confirmed_at) == ("https://push.example.net/2", None)

    def test_is_nobody_elses(self, pushing: Services, confirmed: str) -> None:
        for nick in ("mallory", "bob"):
            self.renew(signed_in(pushing, nick), confirmed, status=410)
        assert [each.value.partition("#")[0] for each in browsers(pushing)] == [confirmed]

    @pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
    def test_comes_from_this_site_alone(
        self, ali: TestApp, pushing: Services, confirmed: str, site: str,
    ) -> None:
        self.renew(ali, confirmed, site=site, status=403)
        assert [each.value.partition("#")[0] for each in browsers(pushing)] == [confirmed]

    @pytest.mark.parametrize("new", ["https://127.0.0.1/", "moss", ""])
    def test_obeys_the_rules_for_all_destinations(
        self, ali: TestApp, pushing: Services, confirmed: str, new: str,
    ) -> None:
        self.renew(ali, confirmed, new, status=422)
        assert [each.value.partition("#")[0] for each in browsers(pushing)] == [confirmed]
