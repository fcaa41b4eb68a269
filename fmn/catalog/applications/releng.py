"""Releases of Atomic Host every two weeks, as release engineering's script announced them until 2019."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import bullets

STABLE = "https://download.fedoraproject.org/pub/alt/atomic/stable/"

#: An image for examples.
IMAGE: dict[str, Any] = {
    "name": "Mossora-AtomicHost-44-20260314.0", "image_name": "Mossora-AtomicHost-44-20260314.0.qcow2",
    "image_url": "/pub/alt/atomic/stable/Mossora-AtomicHost-44-20260314.0.qcow2", "release": "44",
}


class AtomicHost(EventType):
    """Something happened to a release of Atomic Host."""

    retired = True

    def link(self, m: MessageReader) -> str:
        return STABLE

    def secondary_icon(self, m: MessageReader) -> str:
        return self.icon(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        release = next(filter(None, (image.text("release") for image in images_of(m))), "")
        return {**super().template_values(
            m), "system": f"Fedora {release} Atomic Host" if release else "Atomic Host"}

    def long(self, m: MessageReader) -> str:
        return bullets(image.text("image_name") or image.text("name") for image in images_of(m))


def images_of(m: MessageReader) -> Iterator[JsonNode]:
    """The images of a release: by architecture and kind, in older messages by kind only."""
    for found in map(m.at, m.keys()):
        if found.has("image_name"):
            yield found
        else:
            yield from map(found.at, found.keys())


class TwoWeekBegin(AtomicHost):
    """Builds that may become a release of Atomic Host are being evaluated."""

    topics = ("releng.atomic.twoweek.begin",)
    title = "Release of Atomic Host started"
    summary_template = "Release engineering started to evaluate builds for {system}"
    example = sample(atomic_raw=IMAGE)


class TwoWeekComplete(AtomicHost):
    """A release of Atomic Host is out."""

    topics = ("releng.atomic.twoweek.complete",)
    title = "Release of Atomic Host complete"
    summary_template = "A new release of {system} is out"
    example = sample(x86_64={"atomic_raw": IMAGE, "atomic_qcow2": IMAGE}, aarch64={"atomic_raw": IMAGE})


APPLICATION = Application(
    category="releng",
    title="Atomic Host",
    help="Releases of Fedora Atomic Host, every two weeks until 2019.",
    icon="https://apps.fedoraproject.org/img/icons/atomic.png",
    retired=True,
    other=AtomicHost,
    events=(TwoWeekBegin, TwoWeekComplete),
)
