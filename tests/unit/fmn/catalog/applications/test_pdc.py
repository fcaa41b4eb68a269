from __future__ import annotations

import pytest

from tests.messages import described

COMPOSE = {"compose_id": "Fedora-Rawhide-20160314.n.0", "compose_type": "nightly"}
PDC = "https://pdc.fedoraproject.org"


@pytest.mark.parametrize(("title", "more", "learned"), [
    ("pdc.compose", {}, ""),
    ("pdc.images", {"count": 1}, "1 image in "),
    ("pdc.rpms", {"count": 18230}, "18230 packages in "),
    ("pdc.rpms", {"count": None}, "packages in "),
])
def test_the_center_learns_of_composes(title: str, more: dict[str, int | None], learned: str) -> None:
    told = described(title, {**COMPOSE, **more})

    assert told.summary == (
        f"The Product Definition Center learned of {learned}the nightly compose Fedora-Rawhide-20160314.n.0")
    assert told.link == f"{PDC}/rest_api/v1/composes/Fedora-Rawhide-20160314.n.0/"


def test_a_message_may_lack_the_compose() -> None:
    told = described("pdc.images", {"compose_id": None})

    assert told.summary == "The Product Definition Center learned of images in a compose"
    assert told.link == PDC
