"""The web app as programs serve it: ``pserve`` with our own files, and ``fmn up``."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from fmn.settings import Settings, SettingsError, WebSettings
from fmn.wiring import Services
from tests.factories.secrets import SECRET
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from webapp import application
from webapp.server import listening

PROJECT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent


@contextmanager
def running(
    command: list[str], folder: Path, environ: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "output").open("wb") as output, subprocess.Popen(
        [str(BIN / command[0]), *command[1:]], cwd=folder, env={**os.environ, **(environ or {})},
        stdout=output, stderr=subprocess.STDOUT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def output(folder: Path) -> str:
    return (folder / "output").read_text(encoding="utf-8")


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def development(folder: Path, port: int) -> Path:
    """Our own development.ini in a folder of its own, for this port, and any for the live feed."""
    text = (PROJECT / "development.ini").read_text(encoding="utf-8")
    path = folder / "development.ini"
    text = text.replace("127.0.0.1:6543", f"127.0.0.1:{port}")
    path.write_text(text.replace("127.0.0.1:6544", f"127.0.0.1:{free_port()}"), encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "more"), [
    ("development.ini", {"FMN_WEB_DEVELOPMENT_LOGIN": "false"}), ("production.ini", {})])
def test_pserve_serves_it_with_our_own_files(tmp_path: Path, name: str, more: Mapping[str, str]) -> None:
    # Given one of our files, for a free port, and secrets from the environment, which wins
    port = free_port()
    text = (PROJECT / name).read_text(encoding="utf-8")
    (tmp_path / name).write_text(text.replace("127.0.0.1:6543", f"127.0.0.1:{port}"), encoding="utf-8")
    environ = {"FMN_DATABASE_URL": f"sqlite:///{tmp_path}/fmn.sqlite", "FMN_WEB_SECRET": SECRET, **more}

    with running(["pserve", name], tmp_path, environ):
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 30, "no answer")
        assert "fmn db upgrade" in httpx.get(f"http://127.0.0.1:{port}/readyz").text


def test_pserve_refuses_the_trials_sign_in(tmp_path: Path) -> None:
    development(tmp_path, free_port())
    with running(["pserve", "development.ini"], tmp_path) as process:
        assert process.wait(60) != 0
    assert "only fmn up does that" in output(tmp_path)


def test_a_secret_that_everybody_knows_is_refused() -> None:
    for secret in ("", "CHANGE-ME"):
        with pytest.raises(SettingsError, match=r"fmn\.web\.secret = .* can't be used"):
            application(Services(Settings(web=WebSettings(secret=secret))))


def test_fmn_up_serves_it_and_stops_in_time(tmp_path: Path) -> None:
    port = free_port()
    config = development(tmp_path, port)
    with running(["fmn", "--config", str(config), "up"], tmp_path) as process:
        wait_until(lambda: "FMN runs with" in output(tmp_path), 60, "no welcome")
        assert f"  web       http://127.0.0.1:{port}/\n" in output(tmp_path)
        assert answers(f"http://127.0.0.1:{port}/readyz")
        feed = re.search(r"  live feed (http://\S+)/user/NICK\n", output(tmp_path))
        assert feed
        assert answers(f"{feed[1]}/healthz")
        refuses_a_second_one(config, process.pid)
        play_the_forge(output(tmp_path))
        wait_until(lambda: "mail to lea@demo.example" in output(tmp_path), 30, "no mail")
        begun = time.monotonic()
        with httpx.Client() as browser:  # keeps its connection open
            assert browser.get(f"http://127.0.0.1:{port}/").is_success
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        assert "Traceback" not in output(tmp_path)
    assert time.monotonic() - begun < 30


def refuses_a_second_one(config: Path, pid: int) -> None:
    command = [str(BIN / "fmn"), "--config", str(config), "up"]
    second = subprocess.run(command, cwd=config.parent, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stderr.startswith(f"Error: process {pid} runs fmn up with development.ini already: stop it")


def play_the_forge(shown: str) -> None:
    """Send what the shown command sends, twice."""
    found = re.search("^curl .*$", shown, re.MULTILINE)
    assert found
    _, url, *arguments = shlex.split(found[0])
    headers = dict(value.split(": ", 1) for flag, value in itertools.pairwise(arguments) if flag == "-H")
    answers = [httpx.post(url, headers=headers, content=arguments[-1]) for _ in range(2)]
    assert [(answer.status_code, answer.text.partition(":")[0]) for answer in answers] == [
        (202, "accepted"), (200, "known")]


def test_the_demo_takes_another_port_if_its_own_is_taken(tmp_path: Path) -> None:
    with listening("127.0.0.1", 0) as taken:
        config = development(tmp_path, taken.getsockname()[1])
        with running(["fmn", "--config", str(config), "up"], tmp_path):
            wait_until(lambda: "FMN runs with" in output(tmp_path), 60, "no welcome")
            found = re.search(r"  web       (http://127.0.0.1:(\d+)/)", output(tmp_path))
            assert found
            assert int(found[2]) != taken.getsockname()[1]
            assert answers(found[1])


def test_a_site_whose_port_is_taken_is_told(tmp_path: Path) -> None:
    with listening("127.0.0.1", 0) as taken:
        config = development(tmp_path, taken.getsockname()[1])
        with running(["fmn", "--config", str(config), "up", "--no-demo"], tmp_path) as process:
            assert process.wait(60) == 1
    assert output(tmp_path) == (
        f"Error: fmn.web.listen = 127.0.0.1:{taken_port(config)} can't be used: Address already in use\n")


def taken_port(config: Path) -> str:
    found = re.search(r"fmn\.web\.listen = 127\.0\.0\.1:(\d+)", config.read_text(encoding="utf-8"))
    assert found
    return found[1]
