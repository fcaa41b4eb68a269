"""Fedimg, which uploaded cloud images to providers until 2024, and at first tested them there too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from fmn.catalog.events import Application, ApplicationRule, EventType, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled

#: An image for examples.
IMAGE: dict[str, Any] = {
    "image_name": "Mossora-Cloud-Base-27-20180314.0.x86_64", "destination": "EC2 (eu-west-1)",
    "image_url": "https://kojipkgs.example.org/Mossora-Cloud-Base-27-20180314.0.x86_64.raw.xz",
    "compose": {"compose_id": "Mossora-Cloud-27-20180314.0"},
    "extra": {"id": "ami-0f1e2d3c", "virt_type": "hvm", "vol_type": "gp2"},
}


class Image(EventType):
    """Something happened to an image."""

    retired = True
    #: The status it stands for; ``""`` for all others.
    status: ClassVar[str] = ""

    def matches(self, m: MessageReader) -> bool:
        return not self.status or m.text("status") == self.status

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        status = m.text("status")
        return {
            **super().template_values(m),
            "image": m.text("image_name") or "an image",
            "destination": " ".join(filter(None, [m.text("service"), m.text("destination")])) or "a cloud",
            "status": f" (now {status})" if status else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Image=m.text("image_name"),
            Compose=m.text("compose", "compose_id") or m.text("compose") or m.text("compose_id"),
            Destination=m.text("destination"),
            Number=m.text("extra", "id"),
            Copy_of=m.text("extra", "source_image_id"),
            Virtualization=m.text("extra", "virt_type"),
            Volume=m.text("extra", "vol_type"),
            File=m.text("image_url"),
        )


class Upload(Image):
    """The upload of an image went on."""

    topics = ("fedimg.image.upload",)
    rule = "fedimg_image_upload_other_state"
    title = "Upload in another state"
    summary_template = "The upload of {image} to {destination} went on{status}"
    severity = Severity.DEBUG
    example = sample(**IMAGE, status="queued")


class UploadStarted(Upload):
    """The upload of an image started."""

    rule = "fedimg_image_upload_started"
    title = "Upload started"
    summary_template = "The upload of {image} to {destination} started"
    group_summary_template = "Uploads of {image:images} to {destination:destinations} started"
    example = sample(**IMAGE, status="started")
    status = "started"


class UploadCompleted(Upload):
    """An image was uploaded."""

    rule = "fedimg_image_upload_completed"
    title = "Upload completed"
    summary_template = "The upload of {image} to {destination} completed"
    group_summary_template = "Uploads of {image:images} to {destination:destinations} completed"
    severity = Severity.INFO
    example = sample(**IMAGE, status="completed")
    status = "completed"


class UploadFailed(Upload):
    """An image couldn't be uploaded."""

    rule = "fedimg_image_upload_failed"
    title = "Upload failed"
    summary_template = "The upload of {image} to {destination} failed"
    group_summary_template = "Uploads of {image:images} to {destination:destinations} failed"
    severity = Severity.ERROR
    count_noun = "failed image upload"
    example = sample(**IMAGE, status="failed")
    status = "failed"


class Test(Image):
    """The test of an image went on."""

    topics = ("fedimg.image.test",)
    rule = "fedimg_image_test_other_state"
    title = "Test in another state"
    summary_template = "The test of {image} on {destination} went on{status}"
    severity = Severity.DEBUG
    example = sample(**IMAGE, status="queued")


class TestStarted(Test):
    """The test of an image started."""

    rule = "fedimg_image_test_started"
    title = "Test started"
    summary_template = "The test of {image} on {destination} started"
    group_summary_template = "Tests of {image:images} on {destination:destinations} started"
    example = sample(**IMAGE, status="started")
    status = "started"


class TestCompleted(Test):
    """An image passed its test."""

    rule = "fedimg_image_test_completed"
    title = "Test completed"
    summary_template = "The test of {image} on {destination} completed"
    group_summary_template = "Tests of {image:images} on {destination:destinations} completed"
    severity = Severity.INFO
    example = sample(**IMAGE, status="completed")
    status = "completed"


class TestFailed(Test):
    """An image failed its test."""

    rule = "fedimg_image_test_failed"
    title = "Test failed"
    summary_template = "The test of {image} on {destination} failed"
    group_summary_template = "Tests of {image:images} on {destination:destinations} failed"
    severity = Severity.ERROR
    count_noun = "failed image test"
    example = sample(**IMAGE, status="failed")
    status = "failed"


class Publish(Image):
    """An image was made public."""

    topics = ("fedimg.image.publish",)
    title = "Image published"
    summary_template = "{image} was published on {destination}"
    group_summary_template = "Images were published on {destination:destinations}: {image:images}"
    example = sample(**{
        **IMAGE, "compose": "Mossora-Cloud-27-20180314.0", "service": "EC2", "destination": "eu-west-2"})


class Copy(Image):
    """An image was copied from one region to another."""

    topics = ("fedimg.image.copy",)
    title = "Image copied"
    summary_template = "{image} was copied to {destination}"
    group_summary_template = "Images were copied to {destination:destinations}: {image:images}"
    severity = Severity.DEBUG
    example = sample(
        compose_id="Mossora-Cloud-27-20180314.0", service="EC2", destination="us-west-2",
        image_name=IMAGE["image_name"], extra={**IMAGE["extra"], "source_image_id": "ami-991999e6"},
    )


UPLOADS = (UploadStarted, UploadCompleted, UploadFailed, Upload)
TESTS = (TestStarted, TestCompleted, TestFailed, Test)

APPLICATION = Application(
    category="fedimg",
    title="Fedimg",
    help="Cloud images: uploaded, tested, published.",
    icon="https://apps.fedoraproject.org/img/icons/fedimg.png",
    retired=True,
    other=Image,
    events=(*UPLOADS, *TESTS, Publish, Copy),
    rules=(
        ApplicationRule(
            name="fedimg_image_upload_state",
            title="Upload of an image",
            help="The upload of an image started, completed or failed.",
            any_of=frozenset(event.rule_name() for event in UPLOADS),
        ),
        ApplicationRule(
            name="fedimg_image_test_state",
            title="Test of an image",
            help="The test of an image started, completed or failed.",
            any_of=frozenset(event.rule_name() for event in TESTS),
        ),
    ),
)
