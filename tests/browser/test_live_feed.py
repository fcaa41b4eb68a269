"""The live feed in a real browser, by EventSource: on pages of another site that may listen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, expect

from fmn.delivery.sse.settings import SseSettings
from fmn.infra.clock import utc_now
from fmn.ledger.event_streams import append
from fmn.people.accounts import get_or_create_account
from fmn.settings import DeliverySettings, Settings
from fmn.wiring import Services
from tests.browser.conftest import being_served
from tests.browser.signing_in import sign_in
from tests.servers.ports import free_port
from webapp.server import listening
from webapp.stream import broadcaster, event_format
from webapp.stream.serving import serve

PAGE = """<!DOCTYPE html><title>Listens</title><ul></ul><script>
const source = new EventSource("{url}", {{ withCredentials: true }});
source.onmessage = (event) => {{
  const item = document.createElement("li");
  item.textContent = `${{event.lastEventId}}: ${{JSON.parse(event.data).summary}}`;
  document.querySelector("ul").append(item);
}};
source.onopen = () => {{ document.title = "Open"; }};
source.onerror = () => {{ document.title = source.readyState === EventSource.CLOSED ? "Closed" : "Waits"; }};
</script>"""


class Quiet(SimpleHTTPRequestHandler):
    """Files, and not a word about who asked for them."""

    def log_message(self, *_: object) -> None:
        pass


class Feed:
    """The service in a thread, which can be stopped and started again at the same port."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.port = free_port()
        self._stop = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        self._stop.clear()
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        with listening("127.0.0.1", self.port) as bound:
            serve(self._services, bound, self._stop, trial=True)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    """Another site on this host, with the pages that are put into the folder."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_goes_on_where_it_was_when_the_service_comes_back(
    browser: Browser, elsewhere: ThreadingHTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcaster, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(event_format, "RECONNECT_MILLISECONDS", 100)
    site = f"http://127.0.0.1:{elsewhere.server_port}"
    with being_served(tmp_path) as pages:
        services = Services(with_live_feed(pages.settings, site))
        feed = Feed(services)
        with services.database.transaction() as session:
            alice = get_or_create_account(session, "alice", services.contexts)
            [preference_id] = [each.id for each in alice.preferences if each.context == "sse"]
        (tmp_path / "elsewhere" / "page.html").write_text(PAGE.format(
            url=f"http://127.0.0.1:{feed.port}/user/alice"))

        def happens(name: str) -> None:
            with services.database.transaction() as session:
                append(session, preference_id, name, {name: f'{{"summary": "{name} happened"}}'}, utc_now())

        feed.start()
        try:
            with browser.new_context(base_url=pages.settings.web.base_url) as context:
                page = context.new_page()
                # Given two windows of somebody who signed in on the web app
                sign_in(page, "alice")
                windows = [page, context.new_page()]
                for each in windows:
                    each.goto(f"{site}/page.html")
                    expect(each).to_have_title("Open")
                # When the service goes away, and something happens before it's back
                happens("one")
                feed.stop()
                happens("two")
                feed.start()
                happens("three")
                # Then both windows get it, each once
                for each in windows:
                    expect(each.get_by_role("listitem")).to_have_text([
                        "one: one happened", "two: two happened", "three: three happened"])
                # But no page of a site that isn't named, and nobody who isn't signed in
                page.goto(f"http://localhost:{elsewhere.server_port}/page.html")
                expect(page).to_have_title("Closed")
                context.clear_cookies()
                page.goto(f"{site}/page.html")
                expect(page).to_have_title("Closed")
        finally:
            feed.stop()
            services.database.close()


def with_live_feed(settings: Settings, site: str) -> Settings:
    """The same, with a live feed to which another site's pages may listen."""
    return settings.model_copy(update={
        "delivery": DeliverySettings(channels=("email", "sse")), "sse": SseSettings(allowed_origins=(site,))})
