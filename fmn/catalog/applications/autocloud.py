"""Autocloud, which tested cloud images until 2019: first image by image, then whole composes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled

AUTOCLOUD = "https://apps.fedoraproject.org/autocloud"

#: Bodies for examples.
IMAGE: dict[str, Any] = {
    "job_id": 27, "compose_id": "Mossora-24-20160314.n.0", "image_name": "Mossora-Cloud-24-20160314.n.0",
    "family": "Base", "type": "qcow2", "release": "24",
    "compose_url": "https://kojipkgs.fedoraproject.org/compose/Mossora-24-20160314.n.0.qcow2",
}
COMPOSE: dict[str, Any] = {
    "compose_job_id": 37, "id": "Mossora-24-20160314.n.0", "date": "20160314", "release": "24", "respin": 0,
    "type": "nightly",
}


class Autocloud(EventType):
    """Anything from Autocloud."""

    retired = True

    def link(self, m: MessageReader) -> str:
        return f"{AUTOCLOUD}/"

    def secondary_icon(self, m: MessageReader) -> str:
        return self.icon(m)


class Image(Autocloud):
    """Something happened to the tests of an image."""

    severity = Severity.DEBUG

    def link(self, m: MessageReader) -> str:
        job = m.text("job_id")
        return page(AUTOCLOUD, "jobs", job, "output") if job else m.text("image_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name, compose, release = m.text("image_name"), m.text("compose_id"), m.text("release")
        of = f" of {compose}" if compose else f" ({release})" if release else ""
        return {**super().template_values(m), "image": (f"the image {name}" if name else "an image") + of}

    def long(self, m: MessageReader) -> str:
        return labelled(
            Image=m.text("image_name"),
            Compose=m.text("compose_id"),
            Family=m.text("family"),
            Type=m.text("type"),
            Release=m.text("release"),
        )


class ImageQueued(Image):
    """An image waits to be tested."""

    topics = ("autocloud.image.queued",)
    rule = "autocloud_image_test_queued"
    title = "Tests of an image queued"
    summary_template = "The tests of {image} will start"
    group_summary_template = "The tests of {image:images} will start"
    example = sample(**IMAGE, status="queued")


class ImageRunning(Image):
    """An image is being tested."""

    topics = ("autocloud.image.running",)
    rule = "autocloud_image_test_running"
    title = "Tests of an image started"
    summary_template = "The tests of {image} started"
    group_summary_template = "The tests of {image:images} started"
    example = sample(**IMAGE, status="running")


class ImageSuccess(Image):
    """An image passed its tests."""

    topics = ("autocloud.image.success",)
    rule = "autocloud_image_test_success"
    title = "Tests of an image succeeded"
    summary_template = "The tests of {image} succeeded"
    group_summary_template = "The tests of {image:images} succeeded"
    severity = Severity.INFO
    example = sample(**IMAGE, status="success")


class ImageFailed(Image):
    """An image failed its tests."""

    topics = ("autocloud.image.failed",)
    rule = "autocloud_image_test_failed"
    title = "Tests of an image failed"
    summary_template = "The tests of {image} failed"
    group_summary_template = "The tests of {image:images} failed"
    severity = Severity.ERROR
    count_noun = "failed image test"
    example = sample(**IMAGE, status="failed")


class ImageAborted(Image):
    """The tests of an image were ended early."""

    topics = ("autocloud.image.aborted",)
    rule = "autocloud_image_test_aborted"
    title = "Tests of an image aborted"
    summary_template = "The tests of {image} were aborted"
    group_summary_template = "The tests of {image:images} were aborted"
    severity = Severity.WARNING
    example = sample(**IMAGE, status="aborted")


class Compose(Autocloud):
    """Something happened to the tests of a compose."""

    def link(self, m: MessageReader) -> str:
        job = m.text("compose_job_id")
        return page(AUTOCLOUD, "jobs", job) if job else super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        compose = m.text("id") or m.text("compose_id")
        succeeded, failed = m.text("results", "success"), m.text("results", "failed")
        return {
            **super().template_values(m),
            "compose": f"the compose {compose}" if compose else "a compose",
            "results": f": {succeeded} succeeded, {failed} failed" if succeeded and failed else "",
        }


class ComposeQueued(Compose):
    """A compose waits to be tested."""

    topics = ("autocloud.compose.queued",)
    rule = "autocloud_compose_test_queued"
    title = "Tests of a compose queued"
    summary_template = "The tests of {compose} will start"
    severity = Severity.DEBUG
    example = sample(**COMPOSE, status="queued")


class ComposeRunning(Compose):
    """A compose is being tested."""

    topics = ("autocloud.compose.running",)
    rule = "autocloud_compose_test_running"
    title = "Tests of a compose started"
    summary_template = "The tests of {compose} started"
    severity = Severity.DEBUG
    example = sample(**COMPOSE, status="running")


class ComposeComplete(Compose):
    """All images of a compose were tested."""

    topics = ("autocloud.compose.complete",)
    rule = "autocloud_compose_test_completed"
    title = "Tests of a compose complete"
    summary_template = "The tests of {compose} are complete{results}"
    example = sample(**COMPOSE, status="completed", results={"success": 6, "failed": 0})


APPLICATION = Application(
    category="autocloud",
    title="Autocloud",
    help="Tests of cloud images.",
    icon="https://apps.fedoraproject.org/img/icons/fedimg.png",
    retired=True,
    other=Autocloud,
    events=(
        ImageQueued, ImageRunning, ImageSuccess, ImageFailed, ImageAborted,
        ComposeQueued, ComposeRunning, ComposeComplete,
    ),
)
