"""A backend whose channel records what it delivers."""

from __future__ import annotations

import pytest

from fmn.delivery.backend import Backend
from fmn.infra.db import Database
from tests.factories.clocks import Clock
from tests.factories.fake_channels import RecordingChannel
from tests.integration.delivery.recording_backend import (
    make_backend,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def channel() -> RecordingChannel:
    return RecordingChannel()


@pytest.fixture
def backend(database: Database, channel: RecordingChannel, clock: Clock) -> Backend:
    return make_backend(database, channel, clock)
