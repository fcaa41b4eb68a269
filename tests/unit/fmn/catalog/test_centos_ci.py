from __future__ import annotations

import pytest

from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

BUILD = "https://jenkins.example.org/job/ci-pipeline-f44/91/"
STEP = {
    "branch": "f44", "build_url": BUILD, "namespace": "rpms", "repo": "moss", "status": "SUCCESS",
    "rev": "5b1c0f6d2f4ab9c1e7a1d22a43f0aa10c2b7d911", "username": "mary",
}


@pytest.mark.parametrize(("title", "begin", "end"), [
    ("ci.pipeline.package.queued", "The build of", "will start in the Atomic pipeline"),
    ("ci.pipeline.package.ignore", "The build of", "will not start in the Atomic pipeline"),
    ("ci.pipeline.compose.test.integration.running", "The integration tests of the compose with",
     "started in the Atomic pipeline"),
    ("ci.pipeline.image.complete", "The image with", "succeeded in the Atomic pipeline"),
    ("ci.pipeline.complete", "The run of", "succeeded in the Atomic pipeline"),
    ("ci.pipeline.allpackages.complete", "The run of", "succeeded in the all packages pipeline"),
    ("ci.pipeline.allpackages-pr.package.test.functional.queued", "The functional tests of",
     "will start in the all packages pipeline"),
    ("ci.pipeline.container-pr.container.test.functional.running", "The functional tests of",
     "started in the container pipeline"),
    ("ci.pipeline.allpackages-pr.flavour.running", "The step flavour of",
     "started in the all packages pipeline"),
])
def test_the_topic_tells_the_pipeline_the_step_and_its_state(title: str, begin: str, end: str) -> None:
    assert described(title, STEP).summary == f"{begin} rpms/moss (5b1c0f6d, f44) {end}"


@pytest.mark.parametrize(("status", "result"), [
    ("success", "succeeded"),
    ("FAILED", "failed"),
    ("FAILURE", "failed"),
    ("ABORTED", "did not finish"),
    ("UNSTABLE", "ended unclear"),
    (None, "ended"),
])
def test_the_status_tells_what_a_complete_step_came_to(status: str | None, result: str) -> None:
    told = described("ci.pipeline.package.complete", {**STEP, "status": status})

    assert told.summary == f"The build of rpms/moss (5b1c0f6d, f44) {result} in the Atomic pipeline"


@pytest.mark.parametrize(("rev", "told"), [
    ("PR-11", "pull request 11"), ("kojitask-9201", "Koji task 9201"), ("PR-", "PR-"), ("", ""),
])
def test_more_than_commits_go_through_pipelines(rev: str, told: str) -> None:
    details = ", ".join(filter(None, [told, "f44"]))

    assert f"rpms/moss ({details})" in described("ci.pipeline.complete", {**STEP, "rev": rev}).summary


def test_a_step_concerns_whoever_pushed_and_no_package() -> None:
    known = facts("ci.pipeline.package.queued", STEP, prefix="org.centos")
    told = described("ci.pipeline.package.queued", STEP, prefix="org.centos")

    assert known.agent == "mary"
    assert known.usernames == {"mary"}
    assert known.packages == frozenset()
    assert told.link == BUILD
    assert told.secondary_icon == avatar("mary")


def test_a_step_may_concern_nobody_and_have_no_page() -> None:
    body = {**STEP, "username": None, "build_url": None}

    assert facts("ci.pipeline.allpackages-pr.complete", body).usernames == frozenset()
    assert described("ci.pipeline.allpackages-pr.complete", body).link == "http://ci.centos.org/"
