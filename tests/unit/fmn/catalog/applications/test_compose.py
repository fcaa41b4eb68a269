from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Severity
from tests.messages import described, facts

COMPOSES = "https://kojipkgs.fedoraproject.org/compose/"
LOCATION = f"{COMPOSES}rawhide/Fedora-Rawhide-20260314.n.0/compose"
RAWHIDE = {
    "arch": "", "branch": "rawhide", "log": "done", "short": "Fedora",
    "compose_id": "Fedora-Rawhide-20260314.n.0", "location": LOCATION,
}


def test_a_compose_concerns_nobody_and_links_to_where_it_is() -> None:
    told = described("compose.rawhide.complete", RAWHIDE)

    assert facts("compose.rawhide.complete", RAWHIDE).usernames == frozenset()
    assert told.summary == "The compose of Fedora Rawhide (Fedora-Rawhide-20260314.n.0) is complete"
    assert told.link == LOCATION
    assert told.long == f"Compose: Fedora-Rawhide-20260314.n.0\nLocation: {LOCATION}"
    assert told.icon == ""


@pytest.mark.parametrize(("title", "body", "summary"), [
    ("compose.44.start", {"branch": "44", "short": "Fedora-Cloud"}, "The compose of Fedora-Cloud 44 started"),
    ("compose.bikeshed.complete", {"branch": "Modular-Bikeshed", "compose_id": ""},
     "The compose of Fedora-Modular Bikeshed is complete"),
    ("compose.branched.complete", {"branch": "18", "arch": "arm"},
     "The compose of Fedora 18 (arm) is complete"),
    ("compose.epelbeta.complete", {"log": "done"}, "The compose of EPEL beta is complete"),
    ("compose.rawhide.start", None, "The compose of Fedora Rawhide started"),
    ("compose.branched.rsync.start", {"branch": "18"}, "Copying Fedora 18 to the mirrors started"),
    ("compose.rawhide.mash.complete", {"branch": "rawhide"}, "Mashing Fedora Rawhide is complete"),
    ("compose.23.cloudimg-checksum.start", {"branch": "23"},
     "Checksumming cloud images of Fedora 23 started"),
    ("compose.44.frobnicate.done", {"branch": "44"}, "The step frobnicate for Fedora 44 is complete"),
    ("compose.44.rsync.failed", {"branch": "44"}, "Copying Fedora 44 to the mirrors changed"),
])
def test_the_topic_tells_what_happened_to_which_release(title: str, body: Any, summary: str) -> None:
    assert described(title, body).summary == summary


def test_the_topic_is_believed_where_the_body_says_otherwise() -> None:
    told = described("compose.23.mash-atomic.stop", {"branch": "23", "log": "start"})

    assert told.summary == "Mashing Atomic updates of Fedora 23 is complete"
    assert told.link == COMPOSES


@pytest.mark.parametrize(("title", "name", "severity"), [
    ("compose.rawhide.complete", "compose_rawhide_complete", Severity.INFO),
    ("compose.44.complete", "compose_complete", Severity.INFO),
    ("compose.44.rsync.complete", "compose_part_complete", Severity.DEBUG),
    ("compose.branched.complete", "compose_branched_complete", Severity.INFO),
    ("compose.branched.image.complete", "compose_part_complete", Severity.DEBUG),
    ("compose.23.mash-atomic.stop", "compose_part_complete", Severity.DEBUG),
])
def test_known_releases_have_event_types_of_their_own(title: str, name: str, severity: Severity) -> None:
    event = facts(title, {}).event

    assert event.name == name
    assert event.severity is severity
