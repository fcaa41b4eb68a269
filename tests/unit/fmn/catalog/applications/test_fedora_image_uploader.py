from __future__ import annotations

from typing import Any

import pytest

from tests.messages import described

CLOUD = {"architecture": "x86_64", "compose_id": "Fedora-44-20260314.0", "image_name": "cloud-44"}


@pytest.mark.parametrize(("title", "body", "summary", "long"), [
    ("aws", {**CLOUD, "regions": {"us-east-2": "ami-1", "eu-west-1": "ami-2"}},
     "The image cloud-44 (x86_64) of the compose Fedora-44-20260314.0 was published at Amazon Web Services",
     "Regions: us-east-2 as ami-1 and eu-west-1 as ami-2"),
    ("azure.44.Cloud.x86_64", {**CLOUD, "image_definition_name": "x64", "regions": ["eastus", "westus"]},
     "The image cloud-44 (x86_64) of the compose Fedora-44-20260314.0 was published at Azure",
     "Regions: eastus and westus"),
    ("gcp.rc.Cloud_Base.aarch64", {**CLOUD, "family": "cloud"},
     "The image cloud-44 (x86_64) of the compose Fedora-44-20260314.0 was published at Google Cloud",
     "Family: cloud"),
    ("container.44", {"architectures": ["x86_64", "s390x"], "compose_id": "F44", "repository": "fedora",
                      "registries": ["quay.io/fedora"], "tags": ["44", "latest"]},
     "The image fedora (x86_64 and s390x) of the compose F44 was published in container registries",
     "Registries: quay.io/fedora\nRepository: fedora\nTags: 44 and latest"),
])
def test_images_are_published(title: str, body: dict[str, Any], summary: str, long: str) -> None:
    told = described(f"fedora_image_uploader.published.v1.{title}", body)

    assert told.summary == summary
    assert told.long == long


def test_an_image_at_google_has_a_link() -> None:
    body = {**CLOUD, "image_url": "https://images.example.com/cloud-44"}

    assert described("fedora_image_uploader.published.v1.gcp.44", body).link == body["image_url"]
