from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Package, Severity, catalog
from fmn.catalog.accounts_in_messages import avatar
from fmn.catalog.applications.ci import passed, succeeded
from tests.messages import described, facts

STEP = {
    "branch": "f44", "namespace": "rpms", "repo": "moss", "status": "SUCCESS",
    "rev": "5b1c0f6d2f4ab9c1e7a1d22a43f0aa10c2b7d911", "username": "mary",
}


def test_pipelines_are_not_offered_first() -> None:
    assert facts("ci.pipeline.package.queued", STEP).event.retired
    assert not facts("ci.koji-build.test.queued", {}).event.retired


class TestRules:
    @pytest.mark.parametrize(("title", "status", "any_step", "tests"), [
        ("ci.pipeline.package.queued", "success", True, False),
        ("ci.pipeline.package.complete", "FAILED", False, False),
        ("ci.pipeline.package.test.functional.complete", "SUCCESS", True, True),
        ("ci.pipeline.compose.test.integration.complete", "SUCCESS", True, True),
        ("ci.pipeline.image.test.smoke.complete", "FAILED", False, False),
        ("ci.pipeline.image.test.smoke.complete", None, False, False),
        ("ci.pipeline.allpackages-pr.package.test.functional.complete", "SUCCESS", True, False),
        ("copr.build.end", "success", False, False),
    ])
    def test_success_is_what_the_body_says(
        self, title: str, status: str | None, any_step: bool, tests: bool,
    ) -> None:
        known = facts(title, {**STEP, "status": status})

        assert succeeded(known, {}) is any_step
        assert passed(known, {}) is tests

    def test_rules_that_promise_composes_say_that_they_mean_packages(self) -> None:
        rules = {rule.name: rule for rule in catalog().applications["ci"].rules}

        assert rules["ci_compose_test_complete"].any_of == {"ci_package_test_complete"}
        assert "of a package" in rules["ci_compose_test_complete"].help


RUN = {"url": "https://jenkins.example.org/job/tier0/7/", "log": "https://jenkins.example.org/7/log"}
TEST = {"category": "functional", "namespace": "fedora-ci.koji-build", "type": "tier0", "result": "failed"}
ARTIFACT = {
    "type": "koji-build", "id": 9201, "issuer": "mary", "component": "moss", "nvr": "moss-2.4-1.fc44"}


class TestTests:
    def test_a_test_concerns_whoever_made_what_is_tested_and_its_package(self) -> None:
        body = {"run": RUN, "artifact": ARTIFACT, "test": TEST}
        known = facts("ci.koji-build.test.complete", body, prefix="org.centos")
        told = described("ci.koji-build.test.complete", body, prefix="org.centos")

        assert known.agent == "mary"
        assert known.usernames == {"mary"}
        assert known.packages == {Package("", "moss")}
        assert known.event.severity is Severity.WARNING
        assert told.summary == "The test fedora-ci.koji-build.tier0.functional of moss-2.4-1.fc44 failed"
        assert told.link == RUN["url"]
        assert told.long == f"Log: {RUN['log']}"

    @pytest.mark.parametrize(("result", "name", "said"), [
        ("failed", "ci_artifact_test_failed", "failed"),
        ("needs_inspection", "ci_artifact_test_failed", "needs inspection"),
        ("passed", "ci_artifact_test_passed", "passed"),
        ("not_applicable", "ci_artifact_test_passed", "doesn't apply"),
        ("puzzling", "ci_artifact_test_passed", "ended as puzzling"),
        (None, "ci_artifact_test_passed", "is complete"),
    ])
    def test_results_that_need_attention_are_an_event_type(
        self, result: str | None, name: str, said: str,
    ) -> None:
        body = {"artifact": ARTIFACT, "test": {"type": "tier0", "result": result}}

        assert facts("ci.koji-build.test.complete", body).event.name == name
        assert described("ci.koji-build.test.complete", body).summary == (
            f"The test tier0 of moss-2.4-1.fc44 {said}")

    def test_the_first_version_of_the_format_is_read(self) -> None:
        body = {"status": "failed", "type": "tier0", "artifact": ARTIFACT, "ci": {"email": "ci@example.org"}}

        assert facts("ci.koji-build.test.complete", body).event.name == "ci_artifact_test_failed"
        assert described("ci.koji-build.test.complete", body).long == "Contact: ci@example.org"

    @pytest.mark.parametrize(("artifact", "said", "packages"), [
        ({"type": "fedora-update", "alias": "FEDORA-2026-1a2b",
          "builds": [{"nvr": "moss-2.4-1.fc44", "component": "moss"}, {"nvr": "lichen-1-1.fc44"}]},
         "FEDORA-2026-1a2b", {Package("", "moss"), Package("", "lichen")}),
        ({"type": "dist-git-pr", "id": 11, "repository": "https://src.fedoraproject.org/rpms/moss"},
         "dist-git-pr 11 of rpms/moss", {Package("rpms", "moss")}),
        ({"builds": [{"nvr": "moss-2.4-1.fc44"}]}, "moss-2.4-1.fc44", {Package("", "moss")}),
        ({"component": "moss"}, "moss", {Package("", "moss")}),
        ({"type": "productmd-compose", "id": "Fedora-44-20260314.n.0"},
         "productmd-compose Fedora-44-20260314.n.0", set()),
        ({}, "something", set()),
    ])
    def test_many_things_are_tested(self, artifact: Any, said: str, packages: set[Package]) -> None:
        body = {"artifact": artifact}

        assert described("ci.thing.test.queued", body).summary == f"A test of {said} will start"
        assert facts("ci.thing.test.queued", body).packages == packages

    def test_a_test_that_could_not_be_run_tells_why(self) -> None:
        body = {"artifact": ARTIFACT, "test": TEST, "error": {"reason": "No machine"}}

        assert described("ci.koji-build.test.error", body).long == "No machine"


def test_what_ci_says_some_day_is_still_read() -> None:
    told = described("ci.frobnicated", {"artifact": {"issuer": "mary"}, "run": RUN})

    assert told.summary == "Message ci.frobnicated from Continuous integration"
    assert told.link == RUN["url"]
    assert told.secondary_icon == avatar("mary")
