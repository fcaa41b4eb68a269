"""Tests of every event type of the catalogue, as one test."""

from __future__ import annotations

from operator import attrgetter

import pytest

from fmn.catalog import catalog
from tests.cases import every

#: Runs a test with the argument ``application`` for each application.
every_application = pytest.mark.parametrize(
    "application", list(catalog().applications.values()), ids=lambda application: application.category)

#: Runs a test with the argument ``event`` for each event type: thousands of them, which would take pytest
#: longer to hand around than to run.
every_event = every("event", list(catalog().event_types()), attrgetter("name"))
