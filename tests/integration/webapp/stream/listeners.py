"""Somebody with a live feed, and programs that listen to it: curl, which Debian has."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final, Protocol

import pytest

from fmn.ledger.event_streams import LedgerStream
from fmn.people.accounts import get_or_create_account
from fmn.people.api_tokens import create_token
from fmn.wiring import Services
from tests.factories.event_streams import Dispatched, dispatched
from tests.servers.waiting import wait_until

#: Seconds within which an event arrives, however busy the machine is.
SOON: Final = 100
_numbers = count(1)


class Place(Protocol):
    """Where the live feed is served, and where files may be put."""

    @property
    def url(self) -> str: ...

    @property
    def directory(self) -> Path: ...


@dataclass(frozen=True)
class Owner:
    """Somebody with a live feed, and a token that reads."""

    services: Services
    nick: str
    user_id: int
    preference_id: int
    token: str

    @classmethod
    def of(cls, services: Services, nick: str) -> Owner:
        with services.database.transaction() as session:
            user = get_or_create_account(session, nick, ["email", "sse"])
            _, token = create_token(session, user.id, "listens", ["read"], None)
            [feed] = [each for each in user.preferences if each.context == "sse"]
            return cls(services, nick, user.id, feed.id, token)

    def gets(self, *event_ids: str, data: str = "{}") -> None:
        """Something is delivered: these events."""
        stream = LedgerStream(self.services.database)
        stream.append(self.preference_id, f"delivery {next(_numbers)}", dict.fromkeys(event_ids, data))

    @property
    def shown(self) -> dict[str, str]:
        """The header that shows the token."""
        return {"Authorization": f"Bearer {self.token}"}

    def listening(
        self, feed: Place, headers: Mapping[str, str] | None = None, query: str = "",
    ) -> AbstractContextManager[Listener]:
        """They listen with a curl until the end of the block."""
        url = f"{feed.url}/user/{self.nick}{query}"
        return curl(url, {**self.shown, **(headers or {})}, feed.directory)


class Listener:
    """A curl that listens."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process, self._output = process, output

    @property
    def received(self) -> bytes:
        return self._output.read_bytes()

    @property
    def events(self) -> Sequence[Dispatched]:
        """What has come until now."""
        return list(dispatched(self.received))

    @property
    def ids(self) -> Sequence[str]:
        return [event.id for event in self.events]

    def gets(self, *event_ids: str) -> None:
        """Wait until these have come, and make sure that nothing else has."""
        wait_until(lambda: len(self.ids) >= len(event_ids), SOON, f"{self.received!r} lacks events")
        assert self.ids == list(event_ids)

    def begins(self) -> None:
        """Wait until the stream has begun."""
        wait_until(lambda: b"retry:" in self.received, SOON, f"no stream: {self.received!r}")

    def ends(self) -> int:
        """Wait until the stream has ended; returns how curl ended."""
        return self.process.wait(SOON)


@contextmanager
def curl(url: str, headers: Mapping[str, str], folder: Path) -> Iterator[Listener]:
    """A curl that listens until the end of the block."""
    program = shutil.which("curl")
    if program is None:
        pytest.skip("needs curl: apt-get install curl")
    output = folder / f"heard-{next(_numbers)}"
    shown = [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    with output.open("wb") as file, subprocess.Popen(
        [program, "--silent", "--show-error", "--no-buffer", *shown, url], stdout=file,
    ) as process:
        try:
            yield Listener(process, output)
        finally:
            process.kill()
