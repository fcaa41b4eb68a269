from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Severity, catalog
from tests.messages import described, facts

IMAGE = {
    "image_name": "Fedora-Cloud-27.x86_64", "destination": "EC2 (eu-west-1)",
    "extra": {"id": "ami-0f1e2d3c", "virt_type": "hvm", "vol_type": "gp2"},
}


@pytest.mark.parametrize(("kind", "begin"), [
    ("upload", "The upload of Fedora-Cloud-27.x86_64 to EC2 (eu-west-1)"),
    ("test", "The test of Fedora-Cloud-27.x86_64 on EC2 (eu-west-1)"),
])
@pytest.mark.parametrize(("status", "said", "severity"), [
    ("started", "started", Severity.DEBUG),
    ("completed", "completed", Severity.INFO),
    ("failed", "failed", Severity.ERROR),
    ("queued", "went on (now queued)", Severity.DEBUG),
    (None, "went on", Severity.DEBUG),
])
def test_each_status_is_an_event_type(
    kind: str, begin: str, status: str | None, said: str, severity: Severity,
) -> None:
    body = {**IMAGE, "status": status}

    assert described(f"fedimg.image.{kind}", body).summary == f"{begin} {said}"
    assert facts(f"fedimg.image.{kind}", body).event.severity is severity


@pytest.mark.parametrize("compose", [
    {"compose": {"compose_id": "Fedora-27"}}, {"compose": "Fedora-27"}, {"compose_id": "Fedora-27"},
])
def test_the_compose_is_named_in_three_ways(compose: dict[str, Any]) -> None:
    body = {**IMAGE, "service": "EC2", "destination": "us-west-2", **compose}
    told = described("fedimg.image.publish", body)

    assert told.summary == "Fedora-Cloud-27.x86_64 was published on EC2 us-west-2"
    assert told.long == (
        "Image: Fedora-Cloud-27.x86_64\nCompose: Fedora-27\nDestination: us-west-2\nNumber: ami-0f1e2d3c\n"
        "Virtualization: hvm\nVolume: gp2")


def test_an_image_has_no_page_and_concerns_nobody() -> None:
    assert described("fedimg.image.copy", IMAGE).link == ""
    assert facts("fedimg.image.copy", IMAGE).usernames == frozenset()


def test_families_of_statuses_name_all_their_event_types() -> None:
    families = {rule.name: rule.any_of for rule in catalog().applications["fedimg"].rules}

    assert families["fedimg_image_upload_state"] == {
        "fedimg_image_upload_started", "fedimg_image_upload_completed", "fedimg_image_upload_failed",
        "fedimg_image_upload_other_state"}
    assert len(families["fedimg_image_test_state"]) == 4
