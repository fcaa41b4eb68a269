from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Facts, Package, catalog
from tests.messages import described, facts

LOG = "https://taskotron.example.org/artifacts/5202/moss.log"
RESULT = {
    "task": {"name": "dist.rpmgrill.man-pages", "item": "moss-2.4-1.fc30", "type": "koji_build"},
    "result": {"outcome": "FAILED", "log_url": LOG},
}
RULES = {rule.name: rule for rule in catalog().applications["taskotron"].rules}


def result(outcome: str = "PASSED", before: str | None = None, task: str = "dist.rpmlint") -> Facts:
    return facts("taskotron.result.new", {
        "task": {"name": task}, "result": {"outcome": outcome, "prev_outcome": before}})


def holds(name: str, known: Facts, **arguments: str) -> bool:
    test = RULES[name].holds
    assert test is not None
    return test(known, arguments)


def test_a_result_concerns_the_package_of_a_build() -> None:
    known = facts("taskotron.result.new", RESULT)
    told = described("taskotron.result.new", RESULT)

    assert known.packages == {Package("", "moss")}
    assert known.usernames == frozenset()
    assert told.summary == "dist.rpmgrill.man-pages failed for moss-2.4-1.fc30"
    assert told.link == LOG
    assert told.secondary_icon.endswith("/moss.png")


def test_other_items_have_no_package_that_the_message_tells() -> None:
    body: Any = {"task": {"name": "upgradepath", "item": "FEDORA-2019-1a2b", "type": "bodhi_update"}}

    assert facts("taskotron.result.new", body).packages == frozenset()
    assert described("taskotron.result.new", body).secondary_icon == described(
        "taskotron.result.new", body).icon


@pytest.mark.parametrize(("outcome", "before", "said"), [
    ("PASSED", None, "passed for something"),
    ("PASSED", "PASSED", "passed for something"),
    ("NEEDS_INSPECTION", "PASSED", "needs inspection for something, after it passed"),
    ("", None, "is done for something"),
])
def test_a_changed_outcome_is_told(outcome: str, before: str | None, said: str) -> None:
    body = {"task": {"name": "rpmlint"}, "result": {"outcome": outcome, "prev_outcome": before}}

    assert described("taskotron.result.new", body).summary == f"rpmlint {said}"


@pytest.mark.parametrize(("wanted", "expected"), [
    ("dist.rpmlint", True),
    ("DIST.RPMLINT", True),
    ("rpmlint", False),
    ("dist.*", True),
    ("upgradepath, dist.rpm?int", True),
    ("", False),
    (",", False),
])
def test_tasks_are_patterns(wanted: str, expected: bool) -> None:
    assert holds("taskotron_task", result(), task=wanted) is expected


@pytest.mark.parametrize(("wanted", "expected"), [
    ("PASSED", True), ("failed, passed", True), ("FAILED", False), ("PASS", False), ("", False),
])
def test_outcomes_are_one_of_several(wanted: str, expected: bool) -> None:
    assert holds("taskotron_task_outcome", result(), outcome=wanted) is expected


def test_an_outcome_changes_only_if_there_was_one_before() -> None:
    assert holds("taskotron_changed_outcome", result("FAILED", "PASSED"))
    assert not holds("taskotron_changed_outcome", result("FAILED", "FAILED"))
    assert not holds("taskotron_changed_outcome", result("FAILED"))


def test_outcomes_that_ask_for_attention_are_looked_for_if_nothing_is_said() -> None:
    name = "taskotron_task_particular_or_changed_outcome"

    assert holds(name, result("NEEDS_INSPECTION"))
    assert holds(name, result("PASSED", "FAILED"), outcome="ABORTED")
    assert not holds(name, result("PASSED"))
    assert not holds(name, result("FAILED"), outcome="")


def test_some_tasks_are_release_critical() -> None:
    assert holds("taskotron_release_critical_task", result(task="dist.abicheck"))
    assert not holds("taskotron_release_critical_task", result(task="dist.rpmlint"))


@pytest.mark.parametrize("name", RULES)
def test_rules_hold_for_taskotron_s_results_only(name: str) -> None:
    body = {"task": {"name": "dist.abicheck"}, "result": {"outcome": "FAILED", "prev_outcome": "PASSED"}}
    arguments = {"task": "*", "outcome": "FAILED"}

    assert holds(name, facts("taskotron.result.new", body), **arguments)
    assert not holds(name, facts("resultsdb.result.new", body), **arguments)
