"""A real browser, and the web app as a real server that it talks to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from fmn.delivery.email.settings import EmailSettings
from fmn.infra.cache import MemoryCache
from fmn.settings import (
    CatalogSettings,
    DatabaseSettings,
    DeliverySettings,
    DirectorySettings,
    EgressSettings,
    FloodSettings,
    OidcSettings,
    Settings,
    WebSettings,
)
from fmn.wiring import Services
from tests.factories.databases import current_revision, tables_in
from tests.integration.webapp.world import World
from tests.servers.smtp import SmtpServer
from webapp import application
from webapp.server import listening, serve

# Milliseconds until what is expected has to be there: a machine may have much else to do.
expect.set_options(timeout=15_000)

#: Debian's; Playwright's own downloads aren't needed. As root it runs without a sandbox only.
CHROMIUM = "chromium"
#: Chromium without all that has to do with windows; what tests do takes it half of the processor's time.
SHELL = "chromium-headless-shell"
#: What the console says of a page that shows a form once more, as somebody filled it in.
COMES_BACK = "status of 422"
#: Without the limit each window starts a second process to render pages, and leaves the first one idle.
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
           "--renderer-process-limit=1"]


@contextmanager
def running(playwright: Playwright, *names: str) -> Iterator[Browser]:
    """The first of these browsers that is installed, without a window."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"needs Chromium: apt-get install {names[0]}")
    launched = playwright.chromium.launch(executable_path=found, args=OPTIONS)
    yield launched
    launched.close()


# Playwright's event loop counts as this thread's while it's open, so it isn't left open for tests elsewhere:
# those of a package follow one another in each process that shares them.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives browsers."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A running Chromium without a window. Each window has a profile of its own."""
    with running(playwright, SHELL, CHROMIUM) as launched:
        yield launched


@contextmanager
def being_served(
    folder: Path, oidc: OidcSettings | None = None, email: EmailSettings | None = None, *,
    channels: tuple[str, ...] = ("email",), event_types: Path | None = None,
    allowed_networks: tuple[str, ...] = (),
) -> Iterator[Services]:
    """The web app on an empty database, with a directory in which Alice owns moss.

    One signs in with the provider that ``oidc`` names, or else as whoever one says one is. Mails go to the
    server that ``email`` names. There are these ``channels``, and files of ``event_types`` in a directory.
    People's servers may be in the ``allowed_networks``.
    """
    stop = Event()
    directory = folder / "directory.json"
    directory.write_text('{"owners": {"alice": {"rpms": ["moss"]}}, "groups": {"infra": ["alice", "bob"]}}')
    url = f"sqlite:///{folder}/fmn.sqlite"
    with tables_in(url) as made, current_revision(made), listening("127.0.0.1", 0) as bound:
        services = Services(Settings(
            database=DatabaseSettings(url=url),
            directory=DirectorySettings(ownership="file", file=directory),
            web=WebSettings(
                base_url=f"http://127.0.0.1:{bound.getsockname()[1]}", secret="of the tests",
                development_login=oidc is None, administrators=("root",)),
            oidc=oidc or OidcSettings(),
            delivery=DeliverySettings(channels=channels),
            egress=EgressSettings(allowed_networks=allowed_networks),
            catalog=CatalogSettings(directory=event_types),
            # Tests let more happen in a moment than people do.
            flood=FloodSettings(per_event=1_000, per_preference=1_000),
        ).with_channels(email=email or EmailSettings()))
        services.cache = MemoryCache()  # that of the settings is shared with other tests
        thread = Thread(target=serve, args=(application(services, trial=oidc is None), bound, stop))
        thread.start()
        try:
            yield services
        finally:
            stop.set()
            thread.join()
            services.database.close()


@pytest.fixture
def services(tmp_path: Path, smtp_server: SmtpServer) -> Iterator[Services]:
    """The web app being served, with nobody in it yet, and a mail server."""
    email = EmailSettings(host=smtp_server.host, port=smtp_server.port)
    with being_served(tmp_path, email=email) as served:
        yield served
        served.backend.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Alice with a filter, and the web app being served."""
    with being_served(tmp_path) as services:
        yield World.of(services)


@contextmanager
def window(browser: Browser, services: Services, *, scripts: bool = True) -> Iterator[Page]:
    """A window of a browser with nothing in it.

    What the console complains about fails the test, unless it's a form that comes back.
    """
    complaints: list[str] = []
    base_url = services.settings.web.base_url
    with browser.new_context(base_url=base_url, java_script_enabled=scripts) as context:
        opened = context.new_page()
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
    assert [each for each in complaints if COMES_BACK not in each] == []


@pytest.fixture
def page(browser: Browser, world: World) -> Iterator[Page]:
    """A window for Alice."""
    with window(browser, world.services) as opened:
        yield opened


@pytest.fixture
def plain_page(browser: Browser, services: Services) -> Iterator[Page]:
    """A window without scripts, and mails that go to a real server."""
    with window(browser, services, scripts=False) as opened:
        yield opened
