from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fmn.catalog import Message, catalog
from fmn.catalog.events import Outcome
from fmn.catalog.outcomes import SubjectOutcome, subject_outcome
from tests.corpus import needs_corpus, recorded

#: What says that something failed, and what says that it's well again.
PAIRS = [
    ("koschei_package_failing", "koschei_package_ok"),
    ("koschei_package_unresolved", "koschei_package_ok"),
    ("koschei_collection_unresolved", "koschei_collection_ok"),
    ("koji_build_failed", "koji_build_completed"),
    ("koji_scratch_build_failed", "koji_scratch_build_completed"),
    ("copr_build_failed", "copr_build_success"),
    ("nagios_host_problem", "nagios_host_recovery"),
    ("nagios_service_problem", "nagios_service_recovery"),
    ("openqa_job_failed", "openqa_job_done"),
    ("ci_artifact_test_failed", "ci_artifact_test_passed"),
    ("ci_artifact_test_error", "ci_artifact_test_passed"),
    ("jenkins_build_failed", "jenkins_build_passed"),
    ("mbs_build_failed", "mbs_build_ready"),
    ("greenwave_decision_unsatisfied", "greenwave_decision_satisfied"),
]


def example(event: str, /, **changed: Any) -> Message:
    """The example of an event type, with some of its body changed."""
    message = catalog().events_by_name[event].example_message()
    return replace(message, body={**message.body, **changed})


def turn(message: Message) -> SubjectOutcome | None:
    return subject_outcome(catalog().facts(message))


def key(event: str, /, **changed: Any) -> str:
    found = turn(example(event, **changed))
    assert found is not None
    return found.key


@pytest.mark.parametrize(("failed", "well"), PAIRS)
def test_a_failure_and_the_recovery_from_it_are_about_the_same(failed: str, well: str) -> None:
    assert key(failed) == key(well)
    assert [subject_outcome(catalog().facts(example(name))) for name in (failed, well)] == [
        SubjectOutcome(Outcome.FAILED, key(failed)), SubjectOutcome(Outcome.SUCCEEDED, key(failed))]


@pytest.mark.parametrize(("failed", "well"), PAIRS)
def test_nobody_can_tell_what_it_is_about_that_a_body_does_not_name(failed: str, well: str) -> None:
    for name in (failed, well):
        assert turn(replace(example(name), body=None)) is None


@pytest.mark.parametrize(("name", "changed"), [
    ("koschei_package_failing", {"name": "fern"}),
    ("koschei_package_failing", {"collection_name": "Fedora 43"}),
    ("koji_build_failed", {"name": "fern"}),
    ("koji_build_failed", {"release": "1.fc43"}),
    ("copr_build_failed", {"chroot": "fedora-43-x86_64"}),
    ("copr_build_failed", {"copr": "forest"}),
    ("nagios_service_problem", {"service": "ntp"}),
    ("nagios_service_problem", {"host": "proxy98.example.org"}),
    ("openqa_job_failed", {"TEST": "install_ext4"}),
    ("openqa_job_failed", {"BUILD": "Fedora-44-20260315.n.0"}),
    ("ci_artifact_test_failed", {"artifact": {"id": 9202}}),
])
def test_what_happens_to_something_else_is_not_about_it(name: str, changed: dict[str, Any]) -> None:
    assert key(name) != key(name, **changed)


def test_who_mends_a_build_raises_its_release() -> None:
    mended = key("koji_build_completed", version="2.5", release="3.fc44.1", owner="bob")
    assert mended == key("koji_build_failed")


def test_a_host_is_none_of_its_services() -> None:
    assert key("nagios_host_problem") != key("nagios_service_problem")


def test_what_is_tried_elsewhere_is_not_about_it() -> None:
    message = example("koji_build_failed")
    found, staging = turn(message), turn(replace(message, topic=message.topic.replace(".prod.", ".stg.")))
    assert found is not None
    assert staging is not None
    assert found.key != staging.key


@pytest.mark.parametrize("message", [
    example("koji_build_started"), example("koji_build_cancelled"), example("bodhi_update_comment"),
    example("openqa_job_done", result="skipped"), example("ci_artifact_test_passed", test={"result": "info"}),
    example("ci_package_running"), example("ci_package_complete", status="ABORTED"),
    Message("1", "org.example.dev.oven.cake", example("koji_tag").sent_at, {}),
], ids=lambda message: message.title)
def test_most_messages_say_neither(message: Message) -> None:
    assert turn(message) is None


@pytest.mark.parametrize(("status", "outcome"), [
    ("SUCCESS", Outcome.SUCCEEDED), ("PASSED", Outcome.SUCCEEDED),
    ("FAILED", Outcome.FAILED), ("FAILURE", Outcome.FAILED),
])
def test_a_step_of_a_pipeline_comes_to_what_its_status_says(status: str, outcome: Outcome) -> None:
    found = turn(example("ci_package_complete", status=status))
    assert found is not None
    assert found.outcome is outcome
    # and each step to its own
    assert found.key != key("ci_package_test_complete")
    assert found.key == key("ci_package_complete", rev="another", build_id="92")


@needs_corpus
def test_recorded_messages_that_say_what_became_of_something_name_it() -> None:
    silent = {
        entry.name for entry in recorded()
        if (facts := catalog().facts(entry.message)).event.outcome(facts.reader)
        and subject_outcome(facts) is None
    }
    # Made up by hand, as the example of an older library: a service that nobody names.
    assert silent == {
        entry.name for entry in recorded()
        if entry.message.title == "nagios.service.state.change" and "service" not in entry.message.body}
