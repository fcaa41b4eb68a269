"""The Product Definition Center, which knew what's in each compose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, pluralize

PDC = "https://pdc.fedoraproject.org"

#: A compose for examples.
COMPOSE: dict[str, Any] = {
    "compose_id": "Fedora-Rawhide-20160314.n.0", "compose_date": "2016-03-14", "compose_type": "nightly",
    "compose_respin": 0,
}


class ProductDefinition(EventType):
    """The Product Definition Center was told about a compose."""

    severity = Severity.DEBUG
    retired = True

    def link(self, m: MessageReader) -> str:
        compose = m.text("compose_id")
        return f"{page(PDC, 'rest_api/v1/composes', compose)}/" if compose else PDC

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        compose = " ".join(filter(None, [m.text("compose_type"), "compose", m.text("compose_id")]))
        count = m.number("count")
        return {
            **super().template_values(m),
            "compose": f"the {compose}" if m.has("compose_id") else "a compose",
            "images": "images" if count is None else pluralize(count, "image"),
            "packages": "packages" if count is None else pluralize(count, "package"),
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Compose=m.text("compose_id"), Type=m.text("compose_type"), Date=m.text("compose_date"))


class ComposeNew(ProductDefinition):
    """The Product Definition Center learned of a compose."""

    topics = ("pdc.compose",)
    title = "Compose entered"
    summary_template = "The Product Definition Center learned of {compose}"
    example = sample(**COMPOSE, action="create")


class Images(ProductDefinition):
    """The Product Definition Center learned of a compose's images."""

    topics = ("pdc.images",)
    title = "Images of a compose entered"
    summary_template = "The Product Definition Center learned of {images} in {compose}"
    example = sample(**COMPOSE, action="import", attribute="images", count=3)


class Packages(ProductDefinition):
    """The Product Definition Center learned of a compose's packages."""

    topics = ("pdc.rpms",)
    title = "Packages of a compose entered"
    summary_template = "The Product Definition Center learned of {packages} in {compose}"
    example = sample(**COMPOSE, action="import", attribute="rpms", count=18230)


APPLICATION = Application(
    category="pdc",
    title="Product Definition Center",
    help="What was in each compose.",
    retired=True,
    other=ProductDefinition,
    events=(ComposeNew, Images, Packages),
)
