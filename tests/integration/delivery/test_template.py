"""A package of somebody else adds a channel: the very files that the documentation shows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from fmn.channels import channel_types
from fmn.infra import migrations
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.settings import SettingsError, settings_from
from tests.factories.databases import tables_in
from tests.factories.messages import recorded, stored
from tests.factories.packages import install
from tests.factories.people import make_person
from tests.integration.delivery.installation import Installation
from tests.servers.ports import free_port
from tests.servers.processes import Process
from tests.servers.waiting import wait_until

TEMPLATE = Path(__file__).parents[3] / "docs" / "extending" / "template"
FMN = Path(sys.executable).with_name("fmn")

SETTINGS = """\
[app:main]
fmn.database.url = sqlite:///%(here)s/fmn.sqlite
fmn.delivery.channels = email pager
fmn.web.secret = of the tests
fmn.sweep.seconds = 1
fmn.sweep.grace_seconds = 1
fmn.web.listen = 127.0.0.1:{port}
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the package is installed into."""
    return install(TEMPLATE, tmp_path_factory.mktemp("pager"))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The template's own server of pagers, to which its channel talks."""
    monkeypatch.syspath_prepend(TEMPLATE / "tests")
    module: Any = import_module("server")
    monkeypatch.setenv("PAGER_SOCKET", str(tmp_path / "socket"))
    with module.PagerServer(tmp_path / "socket") as server:
        yield server


@pytest.fixture
def installation(
    installed: Path, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Installation]:
    """FMN in this process with that channel, by the entry point that the package brings."""
    monkeypatch.syspath_prepend(installed)
    channel_types.cache_clear()
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database, closing(
            Installation(database, "pager")) as made:
        yield made
    channel_types.cache_clear()


def test_a_notification_arrives(installation: Installation, server: Any) -> None:
    sam = installation.person("4711", "sam")
    installation.tell(sam)
    [page] = server.pages
    assert page["number"] == "4711"
    assert page["text"].startswith("oven: Message oven.cake.done")
    assert installation.outcomes == [("sent", "")]


def test_an_address_is_confirmed_by_a_code(installation: Installation, server: Any) -> None:
    asked = installation.ask(installation.person("4711", "sam", confirmed=False))
    assert server.pages[0]["text"] == f"Confirm this address: {installation.code(asked)}"


def test_what_fails_for_now_is_tried_again(installation: Installation, server: Any) -> None:
    server.answer = "busy"
    installation.tell(installation.person("4711", "sam"))
    assert installation.outcomes == [("waiting", "the pagers' server refused: busy")]
    server.answer = "ok"
    installation.deliver_again()
    assert installation.outcomes == [("sent", "")]
    assert len({page["id"] for page in server.pages}) == 1


def test_what_can_never_arrive_is_not(installation: Installation, server: Any) -> None:
    server.answer = "no such pager"
    installation.tell(installation.person("4711", "sam"))
    assert installation.outcomes == [("failed", "there's no such pager")]


def test_its_own_tests_pass(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(TEMPLATE / "tests", tmp_path / "tests")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests"], cwd=tmp_path, check=False, capture_output=True,
        text=True, env={**os.environ, "PYTHONPATH": str(installed)})
    assert result.returncode == 0, result.stdout
    assert "9 passed" in result.stdout


def test_without_the_package_the_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"channels = 'email pager' can't be used"):
        settings_from({"fmn.delivery.channels": "email pager"})


def test_fmn_starts_with_it_and_delivers(installed: Path, server: Any, tmp_path: Path) -> None:
    # Given an installation that names the channel, and somebody who waits for a notification there
    config = tmp_path / "fmn.ini"
    config.write_text(SETTINGS.format(port=free_port()), encoding="utf-8")
    with closing(Database(f"sqlite:///{tmp_path}/fmn.sqlite")) as database:
        migrations.upgrade(database)
        sam = make_person(database, "sam", context="pager", addresses=["4711"])
        recorded(database, stored(database, 1, now=utc_now()), sam.recipient, now=utc_now())
    # When FMN is started
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    environment.pop("FMN_CONFIG", None)
    process = Process(
        [FMN, "--config", config, "up", "--no-demo"], log=tmp_path / "log", environment=environment)
    # Then it delivers
    try:
        wait_until(lambda: server.pages, 60.0, "nothing arrived")
    finally:
        process.kill()
    assert server.pages[0]["number"] == "4711"
