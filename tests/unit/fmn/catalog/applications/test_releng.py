from __future__ import annotations

from typing import Any

import pytest

from tests.messages import described

IMAGE = {"image_name": "Atomic-44.qcow2", "name": "Atomic", "release": "44"}


@pytest.mark.parametrize(("body", "names"), [
    ({"atomic_raw": IMAGE, "atomic_qcow2": {**IMAGE, "image_name": "Atomic-44.raw.xz"}},
     "- Atomic-44.qcow2\n- Atomic-44.raw.xz"),
    ({"x86_64": {"atomic_raw": IMAGE}, "aarch64": {"atomic_raw": {**IMAGE, "image_name": None}}},
     "- Atomic-44.qcow2\n- Atomic"),
])
def test_images_are_read_in_both_shapes(body: Any, names: str) -> None:
    told = described("releng.atomic.twoweek.complete", body)

    assert told.summary == "A new release of Fedora 44 Atomic Host is out"
    assert told.long == names
    assert told.link == "https://download.fedoraproject.org/pub/alt/atomic/stable/"
    assert told.secondary_icon == told.icon


def test_the_release_need_not_be_told() -> None:
    assert described("releng.atomic.twoweek.begin", {"atomic_raw": {}}).summary == (
        "Release engineering started to evaluate builds for Atomic Host")
