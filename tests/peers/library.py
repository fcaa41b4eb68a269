"""The fedmsg library in an environment of its own, and processes of it on a bus of our own."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import venv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.servers.processes import Process

HERE: Final = Path(__file__).parent
REQUIREMENTS: Final = HERE / "requirements.txt"
#: Seconds for pip, most of which are the index's.
INSTALL_TIMEOUT: Final = 240


class IndexUnreachableError(Exception):
    """The package index doesn't answer, so there's no library."""


def environment_in(cache: pytest.Cache, library: str = "fedmsg", requirements: Path = REQUIREMENTS) -> Path:
    """An environment with a library, made once for each list of requirements; its folder of programs.

    Raises :class:`IndexUnreachableError`.
    """
    asked = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    made = cache.mkdir(f"{library}-{asked}")
    if not (made / "complete").exists():
        venv.create(made, symlinks=True, clear=True)
        _install(made, library, requirements)
        (made / "complete").touch()
    return made / "bin"


def _install(environment: Path, library: str, requirements: Path) -> None:
    # --no-compile: most of what comes along is never imported.
    pip: list[str | Path] = [
        sys.executable, "-m", "pip", "--python", environment, "install", "--quiet", "--no-compile",
        "--disable-pip-version-check", "--retries", "1", "--requirement", requirements]
    try:
        subprocess.run(pip, capture_output=True, text=True, timeout=INSTALL_TIMEOUT, check=True)
    except subprocess.CalledProcessError as error:
        raise IndexUnreachableError(f"{library} can't be installed: {error.stderr.strip()[-500:]}") from error
    except subprocess.TimeoutExpired as error:
        raise IndexUnreachableError(f"{library} wasn't installed within {INSTALL_TIMEOUT} s") from error


@dataclass(frozen=True)
class Peer:
    """What the library's programs are told: where the bus is, and whom to trust."""

    programs: Path
    folder: Path
    config: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.config_file.write_text(f"config = {self.config!r}\n", encoding="utf-8")

    @property
    def config_file(self) -> Path:
        return self.folder / "fedmsg-config.py"

    def publisher(self) -> Orders:
        return Orders(self)

    def tail(self) -> Tail:
        return Tail(self)


class Orders:
    """A process that publishes with the library what it's told to."""

    def __init__(self, peer: Peer) -> None:
        self._process = subprocess.Popen(
            [peer.programs / "python", "-W", "ignore", HERE / "fedmsg_publisher.py", peer.config_file],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=peer.folder)

    def give(
        self, certname: str, topic: str, msg: Mapping[str, Any], *, forgery: str = "", frame: str = "",
    ) -> None:
        """Have something published, and wait until it is: signing takes the library a tenth of a second."""
        order = {"certname": certname, "topic": topic, "msg": msg, "forgery": forgery, "frame": frame}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline(), "the publisher ended"

    def close(self) -> None:
        self._process.communicate(timeout=60)


class Tail:
    """A ``fedmsg-tail`` that shows of each message it takes the value of ``case``."""

    def __init__(self, peer: Peer) -> None:
        self._process = Process(
            [peer.programs / "python", "-u", "-W", "ignore", peer.programs / "fedmsg-tail",
             "--config-filename", peer.config_file, "--validate", "--query", "msg.case"],
            log=peer.folder / "tail.log")

    def taken(self) -> Counter[str]:
        """How many messages of each case it took so far."""
        return Counter(line.rpartition(" ")[2] for line in self._said() if "fedmsg.commands" in line)

    def refused(self) -> int:
        """How many messages it refused so far and said why."""
        return sum(" ERROR] " in line for line in self._said())

    def _said(self) -> list[str]:
        return self._process.log.read_text(encoding="utf-8").splitlines()

    def close(self) -> None:
        self._process.kill()
