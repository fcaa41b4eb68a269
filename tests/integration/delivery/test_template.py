"""A third-party package adds a channel with settings and checks: the files that docs/extending shows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from fmn.channels import channel_types
from fmn.infra import migrations
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.settings import SettingsError, settings_from
from fmn.settings.loader import installed_settings
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
fmn.pager.socket = {socket}
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
    with module.PagerServer(tmp_path / "socket") as server:
        yield server


@pytest.fixture
def installation(
    installed: Path, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Installation]:
    """FMN in this process with that channel, by the entry point that the package brings."""
    with _importable(installed, monkeypatch), tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        # The package can be imported only now.
        section: Any = import_module("fmn_pager.settings").PagerSettings
        with closing(Installation(database, "pager", pager=section(socket=tmp_path / "socket"))) as made:
            yield made


@contextmanager
def _importable(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package in this process, beside FMN's own channels."""
    monkeypatch.syspath_prepend(installed)
    channel_types.cache_clear()
    installed_settings.cache_clear()
    yield
    channel_types.cache_clear()
    installed_settings.cache_clear()


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
    assert installation.outcomes == [("waiting", "the pager server refused: busy")]
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
    assert "11 passed" in result.stdout


def test_without_the_package_its_settings_are_refused() -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from({"fmn.delivery.channels": "email pager", "fmn.pager.socket": "/run/pager"})
    assert str(refused.value).splitlines() == [
        "the settings: fmn.pager.socket is not a setting",
        ("the settings: fmn.delivery.channels = 'email pager' can't be used: "
        "there are apprise, email, irc, sse, webhook, webpush")]


class TestAsAnOperator:
    """``fmn config check`` in a process of its own, with the package installed beside FMN."""

    @pytest.fixture
    def check(self, installed: Path, tmp_path: Path) -> Callable[..., list[str]]:
        def check(*lines: str, **environ: str) -> list[str]:
            config = tmp_path / "fmn.ini"
            config.write_text("\n".join([
                "[app:main]", f"fmn.database.url = sqlite:///{tmp_path}/fmn.sqlite",
                "fmn.delivery.channels = pager", "fmn.web.secret = for development only", *lines]))
            given = {**os.environ, "PYTHONPATH": str(installed), **environ}
            result = subprocess.run(
                [FMN, "--config", config, "config", "check"], env=given, check=False, capture_output=True,
                text=True)
            assert not result.stderr
            return [line for line in result.stdout.splitlines() if "pager" in line]

        return check

    def test_its_check_runs(self, check: Callable[..., list[str]], server: Any, tmp_path: Path) -> None:
        [line] = check(f"fmn.pager.socket = {tmp_path}/socket")
        assert line.split() == ["ok", "pager", "server", f"{tmp_path}/socket", "answers"]
        assert server.pages == []

    def test_the_environment_wins_over_the_file(self, check: Callable[..., list[str]]) -> None:
        [line] = check("fmn.pager.socket = /run/elsewhere", FMN_PAGER_SOCKET="/run/nowhere")
        assert line.endswith(
            "pager server /run/nowhere doesn't answer: No such file or directory. See fmn.pager.socket")

    def test_each_wrong_value_and_unknown_key_is_named(self, check: Callable[..., list[str]]) -> None:
        lines = check("fmn.pager.timeout_seconds = soon", "fmn.pager.sockets = /run/pager/socket")
        assert [line.partition("fmn.ini: ")[2] for line in lines] == [
            "fmn.pager.sockets is not a setting; did you mean fmn.pager.socket?",
            ("fmn.pager.timeout_seconds = 'soon' can't be used: "
            "input should be a valid number, unable to parse string as a number")]

    def test_its_conflicts_with_other_settings_are_told(
        self, check: Callable[..., list[str]], server: Any,
    ) -> None:
        [line, answers] = check("fmn.pager.timeout_seconds = 100", f"fmn.pager.socket = {server.path}")
        assert answers.startswith("ok")
        assert line.endswith("at least three times as long as fmn.pager.timeout_seconds")


def test_fmn_starts_with_it_and_delivers(installed: Path, server: Any, tmp_path: Path) -> None:
    # Given an installation that names the channel, and somebody who waits for a notification there
    config = tmp_path / "fmn.ini"
    config.write_text(SETTINGS.format(port=free_port(), socket=server.path), encoding="utf-8")
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
