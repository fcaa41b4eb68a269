from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Package, Severity, catalog
from tests.messages import described, facts

RESULTS = "https://taskotron.fedoraproject.org/resultsdb/results"
SUBJECT = [{"type": "koji_build", "item": "moss-2.4-1.fc44"}, {"original_spec_nvr": "moss-2.4-1.fc44"}]
DECISION = {
    "decision_context": "bodhi_update_push_stable", "product_version": "fedora-44", "subject": SUBJECT,
    "policies_satisfied": False, "summary": "1 of 1 required tests failed",
    "unsatisfied_requirements": [{"testcase": "dist.rpmlint", "type": "test-result-failed"}, {"type": "odd"}],
}


def test_a_closed_gate_tells_why() -> None:
    known = facts("greenwave.decision.update", DECISION)
    told = described("greenwave.decision.update", DECISION)

    assert known.packages == {Package("", "moss")}
    assert known.agent is None
    assert known.event.severity is Severity.WARNING
    assert told.summary == (
        "Greenwave holds moss-2.4-1.fc44 back for bodhi_update_push_stable: 1 of 1 required tests failed")
    assert told.long == (
        "1 of 1 required tests failed\n\nContext: bodhi_update_push_stable\nProduct: fedora-44\n\n"
        "- dist.rpmlint: test result failed\n- odd")
    assert told.link == f"{RESULTS}?item=moss-2.4-1.fc44&type=koji_build"
    assert told.secondary_icon.endswith("/moss.png")


@pytest.mark.parametrize(("policies", "name"), [
    ({"policies_satisfied": True}, "greenwave_decision_satisfied"),
    ({"policies_satisified": True}, "greenwave_decision_satisfied"),
    ({"policies_satisfied": False}, "greenwave_decision_unsatisfied"),
    ({}, "greenwave_decision_unsatisfied"),
])
def test_a_decision_is_for_or_against(policies: dict[str, bool], name: str) -> None:
    assert facts("greenwave.decision.update", {"subject": SUBJECT, **policies}).event.name == name


@pytest.mark.parametrize(("body", "item", "packages", "link"), [
    ({"subject": [{"item": "a.iso", "type": "compose"}]}, "a.iso", set(),
     f"{RESULTS}?item=a.iso&type=compose"),
    ({"subject_type": "koji_build", "subject_identifier": "moss-2.4-1.fc44"}, "moss-2.4-1.fc44", {"moss"},
     f"{RESULTS}?item=moss-2.4-1.fc44&type=koji_build"),
    ({"subject": [{"item": "moss-1-1", "type": "koji_build"}, {"item": "lichen-1-1", "type": "koji_build"}]},
     "moss-1-1", {"moss", "lichen"}, f"{RESULTS}?item=moss-1-1&type=koji_build"),
    ({"subject": [{"item": "a&b c"}]}, "a&b c", set(), f"{RESULTS}?item=a%26b+c"),
    ({"subject": [{"item": None}]}, "something", set(), ""),
    ({"subject": []}, "something", set(), ""),
])
def test_many_things_go_through_gates(body: Any, item: str, packages: set[str], link: str) -> None:
    body = {**body, "policies_satisfied": True}

    assert described("greenwave.decision.update", body).summary == f"Greenwave lets {item} pass"
    assert described("greenwave.decision.update", body).link == link
    assert facts("greenwave.decision.update", body).package_names == packages


def test_any_decision_is_a_rule_too() -> None:
    (rule,) = catalog().applications["greenwave"].rules

    assert rule.name == "greenwave_decision_update"
    assert rule.any_of == {"greenwave_decision_satisfied", "greenwave_decision_unsatisfied"}
