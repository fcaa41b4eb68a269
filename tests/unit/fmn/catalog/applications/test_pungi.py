from __future__ import annotations

import pytest

from fmn.catalog import Severity
from tests.messages import described, facts

FOLDER = "https://kojipkgs.fedoraproject.org/compose/branched/Fedora-44-20260314.n.0"
COMPOSE = {"compose_id": "Fedora-44-20260314.n.0", "location": f"{FOLDER}/compose"}


@pytest.mark.parametrize(("status", "said", "severity"), [
    ("STARTED", "started", Severity.INFO),
    ("FINISHED", "finished", Severity.INFO),
    ("FINISHED_INCOMPLETE", "finished, but isn't complete", Severity.WARNING),
    ("DOOMED", "failed", Severity.ERROR),
    ("TERMINATED", "was terminated", Severity.ERROR),
    ("PAUSED", "changed its status to PAUSED", Severity.INFO),
    (None, "changed its status", Severity.INFO),
])
def test_each_status_of_a_compose_is_an_event_type(
    status: str | None, said: str, severity: Severity,
) -> None:
    body = {**COMPOSE, "status": status}

    assert described("pungi.compose.status.change", body).summary == (
        f"The compose Fedora-44-20260314.n.0 {said}")
    assert facts("pungi.compose.status.change", body).event.severity is severity


@pytest.mark.parametrize("location", [f"{FOLDER}/compose", f"{FOLDER}/compose/", f"{FOLDER}/", FOLDER])
def test_the_page_of_a_compose_is_its_folder(location: str) -> None:
    assert described("pungi.compose.phase.start", {**COMPOSE, "location": location}).link == FOLDER


def test_a_compose_that_didn_t_start_has_neither_name_nor_page() -> None:
    body = {"command": ["pungi-koji", "--label="], "config": "cloud.conf", "detail": "no label\n(line 3)"}
    told = described("pungi.compose.fail.to.start", body)

    assert told.summary == 'A compose of cloud.conf failed to start: "no label (line 3)"'
    assert told.link == ""
    assert told.long == (
        "Reason: no label\n(line 3)\nConfiguration: cloud.conf\nCommand: pungi-koji --label=")


def test_images_are_named_without_their_place() -> None:
    image = "/mnt/koji/compose/44/Server/x86_64/iso/Fedora-Server-44.iso"

    assert described("pungi.compose.createiso.imagefail", {**COMPOSE, "file": image}).summary == (
        "Pungi failed to make Fedora-Server-44.iso of the compose Fedora-44-20260314.n.0")
    assert described("pungi.compose.createiso.targets", {"deliverables": [image, image]}).summary == (
        "Pungi will make 2 images of a compose")
