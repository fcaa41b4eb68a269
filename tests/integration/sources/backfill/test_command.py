"""``fmn catchup``, as an administrator types it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from fmn.cli import main
from fmn.infra import migrations
from fmn.infra.db import Database
from fmn.ledger.models import StoredMessage
from tests.servers.datagrepper import Datagrepper, is_slow
from tests.servers.waiting import wait_until
from tests.system.bus import Bus

FMN = str(Path(sys.executable).with_name("fmn"))


class Site:
    """An installation with an archive, in a folder."""

    def __init__(self, folder: Path, bus: Bus, archive: Datagrepper) -> None:
        self.bus, self.archive = bus, archive
        self.database = Database(f"sqlite:///{folder}/fmn.sqlite")
        migrations.upgrade(self.database)
        config = folder / "fmn.ini"
        config.write_text("\n".join([
            "[app:main]", f"fmn.database.url = {self.database.url}", f"fmn.bus.ca_file = {bus.authority}",
            f"fmn.catchup.url = {archive.address}", "fmn.log.level = error", ""]))
        self.command = [FMN, "--config", str(config), "catchup"]

    def sent(self, ago: timedelta) -> None:
        self.archive.archived(self.bus.signed({
            "topic": "org.example.prod.oven.done", "msg": {}, "msg_id": f"2026-{uuid.uuid4()}",
            "timestamp": int((datetime.now(UTC) - ago).timestamp())}))

    @property
    def messages(self) -> int:
        with self.database.reading() as session:
            return len(session.scalars(select(StoredMessage.id)).all())


@pytest.fixture
def site(tmp_path: Path, bus: Bus, archive: Datagrepper) -> Site:
    return Site(tmp_path, bus, archive)


def test_it_says_what_came_and_does_no_harm_twice(site: Site) -> None:
    # Given an archive with three messages, one of them tampered with, and none where two windows meet, which
    # would be fetched with both
    for minutes in (55, 40, 20):
        site.sent(timedelta(minutes=minutes))
    site.archive.bodies[1]["msg"] = {"cake": "mine"}

    # When it's asked for in a script, then each window has a line, and the end says what became of all
    done = subprocess.run([*site.command, "--since", "1h"], capture_output=True, text=True, check=True)
    first, *lines, last = done.stdout.splitlines()
    assert first == f"Fetching from {site.archive.address}"
    assert len(lines) >= 3
    assert lines[-1].endswith(" UTC: 3 fetched, 2 new")
    assert last == "3 fetched: 2 new, 0 known, 1 refused (bad-signature 1)."
    assert site.messages == 2

    # And in a terminal there's a bar; what is known changes nothing
    terminal, inner = pty.openpty()
    shown = subprocess.run([*site.command, "--since", "1h"], stdout=inner, stderr=inner, check=True)
    said = os.read(terminal, 100_000).decode()
    assert shown.returncode == 0
    assert "100%" in said
    assert "3 fetched: 0 new, 2 known, 1 refused (bad-signature 1)." in said
    os.close(terminal)
    os.close(inner)


def test_ctrl_c_keeps_what_has_come(site: Site) -> None:
    # Given an archive that answers at first, and then hangs
    site.sent(timedelta(minutes=59))
    site.archive.planned += [lambda page: page, is_slow]
    with subprocess.Popen(
        [*site.command, "--since", "1h"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:
        wait_until(lambda: len(site.archive.received) == 2, 60, "it doesn't ask")
        running.send_signal(signal.SIGINT)
        said, complained = running.communicate(timeout=30)

    # Then it says what came and how to go on
    assert running.returncode == 1
    assert said.splitlines()[-1] == "1 fetched: 1 new, 0 known, 0 refused."
    assert "stopped. To continue: fmn catchup --since 20" in complained
    assert "Traceback" not in complained
    assert site.messages == 1


NOBODY = "no archive is set: set fmn.catchup.url or fmn.catchup.replay_endpoints"


@pytest.mark.parametrize(("url", "arguments", "told"), [
    ("http://127.0.0.1/raw", ["--since", "yesterday"],
     "'yesterday' is neither how long ago, such as 2h or 3d, nor a time in UTC"),
    ("http://127.0.0.1/raw", ["--since", "1h", "--until", "2h"], "--until must be after --since"),
    ("", ["--since", "1h"], NOBODY),
])
def test_mistakes_are_told(tmp_path: Path, url: str, arguments: list[str], told: str) -> None:
    config = tmp_path / "fmn.ini"
    config.write_text(f"[app:main]\nfmn.catchup.url = {url}\n")
    done = CliRunner().invoke(main, ["--config", str(config), "catchup", *arguments])

    assert done.exit_code != 0
    assert told in done.output
