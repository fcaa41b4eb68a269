"""Programs of Alice and Mallory."""

from __future__ import annotations

import pytest

from fmn.wiring import Services
from tests.integration.webapp.api.client import Program
from tests.integration.webapp.world import World


@pytest.fixture
def program(services: Services, world: World) -> Program:
    """Alice's program, which may read and change; she's the one of ``world``."""
    return Program(services, "alice")


@pytest.fixture
def mallorys(services: Services) -> Program:
    """Mallory's program."""
    return Program(services, "mallory")
