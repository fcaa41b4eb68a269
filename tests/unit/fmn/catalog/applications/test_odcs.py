from __future__ import annotations

import pytest

from fmn.catalog import Severity
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

COMPOSES = "https://odcs.fedoraproject.org/api/1/composes"
COMPOSE = {
    "id": 378, "owner": "mary", "pungi_compose_id": None, "state_name": "generating", "arches": "x86_64",
    "state_reason": "Compose thread started", "source": "eln#eln", "packages": None,
}


def test_a_compose_concerns_whoever_asked_for_it() -> None:
    known = facts("odcs.compose.state-changed", {"compose": COMPOSE})
    told = described("odcs.compose.state-changed", {"compose": COMPOSE})

    assert known.agent == "mary"
    assert known.usernames == {"mary"}
    assert told.summary == "mary's compose 378 is being made"
    assert told.link == f"{COMPOSES}/378"
    assert told.secondary_icon == avatar("mary")
    assert told.long == "Reason: Compose thread started\nSource: eln#eln\nArchitectures: x86_64"


@pytest.mark.parametrize(("state", "said", "severity"), [
    ("wait", "changed its state to wait", Severity.DEBUG),
    ("done", "is done", Severity.INFO),
    ("failed", "failed", Severity.ERROR),
    ("removed", "was removed", Severity.DEBUG),
    (None, "changed its state", Severity.DEBUG),
])
def test_each_state_is_an_event_type(state: str | None, said: str, severity: Severity) -> None:
    body = {"compose": {**COMPOSE, "pungi_compose_id": "odcs-378-1", "state_name": state}}

    assert described("odcs.compose.state-changed", body).summary == f"mary's compose odcs-378-1 {said}"
    assert facts("odcs.compose.state-changed", body).event.severity is severity


def test_a_compose_may_be_nobody_s() -> None:
    told = described("odcs.compose.state-changed", {"compose": {"id": 7}})

    assert told.summary == "The compose 7 changed its state"
    assert described("odcs.compose.state-changed", {}).summary == "A compose changed its state"
    assert described("odcs.compose.state-changed", {}).link == COMPOSES
