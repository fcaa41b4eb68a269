"""An archive beside a bus that signs, and a message parser that trusts it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fmn.infra import http
from fmn.settings import BusSettings
from fmn.sources.backfill.archive_parser import ArchiveParser
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedora_messaging.parser import AmqpMessageParser
from tests.servers.datagrepper import Datagrepper
from tests.system.bus import Bus


@pytest.fixture
def archive() -> Iterator[Datagrepper]:
    """An archive with nothing in it yet."""
    with Datagrepper() as server:
        yield server


@pytest.fixture(scope="package")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    """A bus that nobody listens to."""
    with Bus(tmp_path_factory.mktemp("bus"), 1) as running:
        yield running


@pytest.fixture(scope="package")
def message_parser(bus: Bus) -> MessageParser:
    """Accepts what was signed on the bus."""
    return MessageParser.from_settings(BusSettings(
        ca_file=bus.authority, crl_file=bus.revocations, junk_suffixes=(".junk",)))


@pytest.fixture(scope="package")
def archive_parser(message_parser: MessageParser) -> ArchiveParser:
    """Accepts what was signed on the bus, and nothing else."""
    return ArchiveParser(message_parser, AmqpMessageParser(BusSettings()))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between attempts."""
    monkeypatch.setattr(http, "FIRST_BACKOFF_SECONDS", 0.0)
