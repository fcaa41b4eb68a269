"""What people save in the web app counts for the next message: all of FMN in one process, ``fmn up``."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from fmn.filters.models import Filter
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.models import Notification, StoredMessage
from fmn.people.models import DetailValue, Preference
from fmn.settings import PublishSettings
from fmn.sources.fedmsg.publisher import Publisher
from tests.servers.ports import free_port
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import wait_until

SOON = 60
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Site:
    """A site, its bus, and Alice's browser, in which she's signed in."""

    def __init__(self, folder: Path, smtp_server: SmtpServer) -> None:
        self.smtp_server = smtp_server
        self.base_url = f"http://127.0.0.1:{free_port()}"
        self.endpoint = f"tcp://127.0.0.1:{free_port()}"
        self.database = Database(f"sqlite:///{folder}/fmn.sqlite")
        self.folder = folder

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it until its bus is heard and Alice is signed in."""
        config = self.folder / "fmn.ini"
        config.write_text("\n".join(["[app:main]", *(f"fmn.{name} = {value}" for name, value in {
            "database.url": self.database.url, "bus.endpoints": self.endpoint,
            "bus.validate_signatures": "false", "email.host": self.smtp_server.host,
            "email.port": self.smtp_server.port, "web.base_url": self.base_url,
            "web.listen": self.base_url.removeprefix("http://"), "web.secret": "of the tests",
            "web.development_login": "true", "log.level": "warning"}.items())]), encoding="utf-8")
        fmn = Path(sys.executable).with_name("fmn")
        publishing = PublishSettings(endpoint=self.endpoint, settle_seconds=0.001)
        with subprocess.Popen([fmn, "--config", config, "up", "--no-demo"]) as process:
            try:
                wait_until(self._answers, SOON, "the web app")
                with Publisher(publishing) as self.bus, httpx.Client(
                        base_url=self.base_url, follow_redirects=True) as self.browser:
                    wait_until(self._is_heard, SOON, "the bus")
                    self.post("/sign-in", {"nick": "alice"})
                    yield
            finally:
                process.terminate()
                process.wait(SOON)
                self.database.close()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.base_url}/readyz").is_success
        except httpx.TransportError:
            return False

    def post(self, where: str, form: Mapping[str, str], page: str = "") -> httpx.Response:
        """Send a form of a page as Alice does, who has just opened it."""
        found = TOKEN.search(self.browser.get(page or where).text)
        assert found
        answer = self.browser.post(where, data={**form, "csrf_token": found[1]})
        assert answer.is_success, answer.text
        return answer

    @property
    def filter_id(self) -> int:
        """Alice's only filter."""
        with self.database.reading() as session:
            return session.scalars(select(Filter.id)).one()

    def has_address(self) -> None:
        """Give Alice a confirmed address."""
        with self.database.transaction() as session:
            preference = session.scalars(select(Preference).where(Preference.context == "email")).one()
            session.add(DetailValue(preference_id=preference.id, value="alice@example.org",
                                    confirmed_at=utc_now()))

    def happens(self, package: str) -> None:
        """Somebody pushes to a package. Returns when whom that concerns is in the ledger."""
        msg_id = self._publish(package)
        wait_until(lambda: self._is_matched(msg_id), SOON, "the message isn't matched")

    def _is_heard(self) -> bool:
        """Whether anything arrives of what is published, which is lost until then."""
        self._publish("hello")
        with self.database.reading() as session:
            return session.scalar(select(StoredMessage.id).limit(1)) is not None

    def _publish(self, package: str) -> str:
        sent = self.bus.publish("git.receive", {"commit": {
            "username": "bob", "namespace": "rpms", "repo": package, "branch": "rawhide", "summary": "Grow"}})
        return str(sent["msg_id"])

    def _is_matched(self, msg_id: str) -> bool:
        with self.database.reading() as session:
            return session.scalar(
                select(StoredMessage.matched_at).where(StoredMessage.msg_id == msg_id)) is not None

    @property
    def notifications(self) -> int:
        """How many there are."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Notification)) or 0


@pytest.mark.timeout(900)
def test_what_is_saved_counts_for_the_next_message(tmp_path: Path, smtp_server: SmtpServer) -> None:
    site = Site(tmp_path, smtp_server)
    with site.running():
        # Given Alice, who switched her e-mail on, and has no filter that lets a push to moss through
        site.has_address()
        site.post("/preferences/email/switch", {"on": "true"}, page="/preferences/email")
        site.happens("moss")
        assert site.notifications == 0

        # When she saves one, then the next message comes by mail
        new = "/preferences/email/filters/new"
        site.post(new, {"do": "save", "shape": "rows", "name": "Moss", **about("moss")})
        site.happens("moss")
        [mail] = smtp_server.wait_for(1, SOON)
        assert mail.message["X-FMN-Filter"] == "Moss"
        assert "bob pushed to rpms/moss" in mail.message["Subject"]

        # When she changes it, then the next message is of what it says now
        editor = f"/filters/{site.filter_id}"
        site.post(editor, {"do": "save", "shape": "rows", "name": "Fern", "context": "email", "version": "0",
                           **about("fern")})
        site.happens("moss")
        site.happens("fern")
        mails = smtp_server.wait_for(2, SOON)
        assert mails[1].message["X-FMN-Filter"] == "Fern"

        # When she switches e-mail off, then she isn't told of the next message
        site.post("/preferences/email/switch", {"on": "false"}, page="/preferences/email")
        site.happens("fern")
        assert site.notifications == len(smtp_server.mails) == 2


def about(package: str) -> Mapping[str, str]:
    """What the editor's form sends for a rule about a package."""
    return {"rule-0": "package_filter", "holds-0": "yes", "with-0-package": package}
