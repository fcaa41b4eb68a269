"""The image uploader, which publishes Fedora's images at cloud providers and container registries."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import join_series, labelled


class Published(EventType):
    """An image was published."""

    #: Where, as part of a sentence.
    place = "somewhere"
    group_summary_template = "Images of {compose:composes} were published {place:alike}: {named:images}"

    def image(self, m: MessageReader) -> str:
        """The image's name."""
        return m.text("image_name") or m.text("image_definition_name")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        compose, image = m.text("compose_id"), self.image(m)
        return {
            **super().template_values(m),
            "compose": f"the compose {compose}" if compose else "a compose",
            "image": f"the image {image}" if image else "an image",
            "named": image or "of some name",
            "architecture": m.text("architecture") or "unknown architecture",
            "place": self.place,
        }

    def summary(self, m: MessageReader) -> str:
        template = "{image} ({architecture}) of {compose} was published {place}"
        said = template.format_map(self.template_values(m))
        return said[:1].upper() + said[1:]

    def long(self, m: MessageReader) -> str:
        regions = m.value("regions")
        names = m.texts("regions") or [
            f"{region} as {m.text('regions', region)}" if m.text("regions", region) else region
            for region in (regions if isinstance(regions, dict) else {})
        ]
        return labelled(
            Release=m.text("release"),
            Variant=m.text("subvariant"),
            Version=m.text("image_version_name"),
            Family=m.text("family"),
            Resource=m.text("image_resource_id"),
            Regions=join_series(names, most=len(names)),
        )


class PublishedAws(Published):
    """An image was published at Amazon Web Services."""

    topics = ("fedora_image_uploader.published.*.aws.**",)
    rule = "fedora_image_uploader_published_aws"
    title = "Image at Amazon Web Services"
    place = "at Amazon Web Services"
    example = sample(
        architecture="x86_64", compose_id="Fedora-44-20260314.n.0", image_name="Fedora-Cloud-44", release=44,
        subvariant="Cloud_Base", regions={"us-east-2": "ami-0123", "eu-west-1": "ami-4567"})
    example_topic = "fedora_image_uploader.published.v1.aws.44.Cloud_Base.x86_64"


class PublishedAzure(Published):
    """An image was published in Azure's gallery."""

    topics = ("fedora_image_uploader.published.*.azure.**",)
    rule = "fedora_image_uploader_published_azure"
    title = "Image at Azure"
    place = "at Azure"
    example = sample(
        architecture="x86_64", compose_id="Fedora-44-20260314.n.0", release=44, subvariant="Cloud_Base",
        image_definition_name="Fedora-Cloud-44-x64", image_version_name="44.20260314.0",
        image_resource_id="/CommunityGalleries/Fedora/Images/Fedora-Cloud-44-x64", regions=["eastus"])
    example_topic = "fedora_image_uploader.published.v1.azure.44.Cloud_Base.x86_64"


class PublishedGcp(Published):
    """An image was published at Google Cloud."""

    topics = ("fedora_image_uploader.published.*.gcp.**",)
    rule = "fedora_image_uploader_published_gcp"
    title = "Image at Google Cloud"
    place = "at Google Cloud"
    threaded = False
    example = sample(
        architecture="aarch64", compose_id="Fedora-44-20260314.n.0", family="fedora-cloud-44", release=44,
        image_name="fedora-cloud-44-aarch64", image_url="https://images.example.com/fedora-cloud-44-aarch64",
        storage_locations=["us"], subvariant="Cloud_Base")
    example_topic = "fedora_image_uploader.published.v1.gcp.44.Cloud_Base.aarch64"

    def link(self, m: MessageReader) -> str:
        return m.text("image_url")


class PublishedContainer(Published):
    """A container was published in registries."""

    topics = ("fedora_image_uploader.published.*.container.**",)
    rule = "fedora_image_uploader_published_container"
    title = "Container in registries"
    place = "in container registries"
    example = sample(
        architectures=["x86_64", "aarch64"], compose_id="Fedora-44-20260314.n.0", release=44,
        registries=["registry.fedoraproject.org", "quay.io/fedora"], repository="fedora", tags=["44"])
    example_topic = "fedora_image_uploader.published.v1.container.44"

    def image(self, m: MessageReader) -> str:
        return m.text("repository")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        architectures = join_series(m.texts("architectures"))
        return {**super().template_values(m), "architecture": architectures or "unknown architectures"}

    def long(self, m: MessageReader) -> str:
        return labelled(
            Registries=join_series(m.texts("registries")),
            Repository=m.text("repository"),
            Tags=join_series(m.texts("tags"), most=len(m.texts("tags"))),
        )


APPLICATION = Application(
    category="fedora_image_uploader",
    title="Image uploader",
    help="Images of Fedora published at cloud providers and in container registries.",
    other=EventType,
    events=(PublishedAws, PublishedAzure, PublishedGcp, PublishedContainer),
)
