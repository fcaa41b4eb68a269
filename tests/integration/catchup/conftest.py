"""An archive beside a bus that signs, and an intake that trusts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fmn import fetching
from fmn.bus.intake import Intake
from fmn.settings import BusSettings
from tests.servers.datagrepper import Datagrepper
from tests.system.bus import Bus


@pytest.fixture
def archive() -> Iterator[Datagrepper]:
    """An archive with nothing in it yet."""
    with Datagrepper() as server:
        yield server


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    """A bus that nobody listens to."""
    with Bus(tmp_path, 1) as running:
        yield running


@pytest.fixture
def intake(bus: Bus) -> Intake:
    """Accepts what was signed on the bus."""
    return Intake.from_settings(BusSettings(
        ca_file=bus.authority, crl_file=bus.revocations, junk_suffixes=(".junk",)))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between attempts."""
    monkeypatch.setattr(fetching, "FIRST_PAUSE_SECONDS", 0.0)
