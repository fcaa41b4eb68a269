from __future__ import annotations

import pytest

from fmn.catalog import Severity, catalog
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

BUILDS = "https://mbs.fedoraproject.org/module-build-service/1/module-builds"
BUILD = {
    "id": 2117, "name": "forest", "stream": "wet", "version": "20260314", "owner": "mary",
    "state_name": "failed", "state_reason": "Component moss failed to build",
}


def test_a_module_build_concerns_its_owner() -> None:
    known = facts("mbs.module.state.change", BUILD, environment="stg")
    told = described("mbs.module.state.change", BUILD, environment="stg")

    assert known.agent == "mary"
    assert known.usernames == {"mary"}
    assert told.summary == "mary's build of modules/forest (wet) failed"
    assert told.link == f"{BUILDS}/2117"
    assert told.secondary_icon == avatar("mary")
    assert told.long == (
        "Reason: Component moss failed to build\nModule: forest\nStream: wet\nVersion: 20260314")


@pytest.mark.parametrize(("state", "name", "severity"), [
    ("wait", "mbs_build_started", Severity.INFO),
    ("done", "mbs_build_completed", Severity.INFO),
    ("ready", "mbs_build_ready", Severity.INFO),
    ("failed", "mbs_build_failed", Severity.ERROR),
    ("build", "mbs_build_other_state", Severity.DEBUG),
    (None, "mbs_build_other_state", Severity.DEBUG),
])
def test_each_state_is_an_event_type(state: str | None, name: str, severity: Severity) -> None:
    event = facts("mbs.module.state.change", {**BUILD, "state_name": state}).event

    assert event.name == name
    assert event.severity is severity


def test_any_change_of_state_is_a_rule_too() -> None:
    rules = {rule.name: rule for rule in catalog().applications["mbs"].rules}

    assert len(rules["mbs_build_state_change"].any_of) == 5


def test_a_message_may_lack_everything() -> None:
    assert described("mbs.module.state.change", {}).summary == "A build of a module changed its state"
