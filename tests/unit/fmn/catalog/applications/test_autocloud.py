from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Severity, catalog
from tests.messages import described, facts

AUTOCLOUD = "https://apps.fedoraproject.org/autocloud"
IMAGE = {
    "job_id": 27, "compose_id": "Fedora-24-20160420.n.0", "image_name": "Fedora-Cloud", "release": "24",
    "type": "qcow2", "status": "failed",
}


@pytest.mark.parametrize(("state", "said", "severity"), [
    ("queued", "will start", Severity.DEBUG),
    ("running", "started", Severity.DEBUG),
    ("success", "succeeded", Severity.INFO),
    ("failed", "failed", Severity.ERROR),
    ("aborted", "were aborted", Severity.WARNING),
])
def test_the_topic_tells_what_the_tests_of_an_image_came_to(
    state: str, said: str, severity: Severity,
) -> None:
    told = described(f"autocloud.image.{state}", IMAGE)

    assert told.summary == f"The tests of the image Fedora-Cloud of Fedora-24-20160420.n.0 {said}"
    assert told.link == f"{AUTOCLOUD}/jobs/27/output"
    assert told.secondary_icon == told.icon
    assert facts(f"autocloud.image.{state}", IMAGE).event.severity is severity


def test_the_first_messages_linked_to_the_image_itself() -> None:
    image = "https://kojipkgs.fedoraproject.org/work/Fedora-Cloud.qcow2"
    told = described("autocloud.image.success", {
        "buildid": "10", "image_name": "Fedora-Cloud", "image_url": image, "release": "rawhide"})

    assert told.summary == "The tests of the image Fedora-Cloud (rawhide) succeeded"
    assert told.link == image


@pytest.mark.parametrize(("body", "compose", "link"), [
    ({"id": "Fedora-24", "compose_job_id": 37}, "the compose Fedora-24", f"{AUTOCLOUD}/jobs/37"),
    ({"compose_id": "Fedora-24", "compose_job_id": 37}, "the compose Fedora-24", f"{AUTOCLOUD}/jobs/37"),
    ({"id": "Fedora-24"}, "the compose Fedora-24", f"{AUTOCLOUD}/"),
    ({}, "a compose", f"{AUTOCLOUD}/"),
])
def test_a_compose_is_named_in_two_ways(body: dict[str, Any], compose: str, link: str) -> None:
    assert described("autocloud.compose.running", body).summary == f"The tests of {compose} started"
    assert described("autocloud.compose.running", body).link == link


def test_a_complete_compose_counts_its_results() -> None:
    body = {"id": "Fedora-24", "results": {"success": 6, "failed": 0}}

    assert described("autocloud.compose.complete", body).summary == (
        "The tests of the compose Fedora-24 are complete: 6 succeeded, 0 failed")


def test_the_whole_application_is_retired() -> None:
    assert catalog().applications["autocloud"].retired
