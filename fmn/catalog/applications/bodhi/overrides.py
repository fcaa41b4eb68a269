"""Buildroot overrides: builds that others may be built with before they're updates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.applications.bodhi.base import BODHI, Bodhi, packages_in
from fmn.catalog.events import Package, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, paragraphs


class Override(Bodhi):
    """Something happened to a buildroot override."""

    def build(self, m: MessageReader) -> str:
        """The build that others are built with, by NVR."""
        return m.text("override", "nvr") or m.text("override", "build", "nvr") or m.text("override", "build")

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "override", "submitter") or super().agent(m)

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return packages_in(self.build(m))

    def link(self, m: MessageReader) -> str:
        return page(BODHI, "overrides", self.build(m))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "build": self.build(m) or "a build"}

    def long(self, m: MessageReader) -> str:
        expires = labelled(Expires=m.text("override", "expiration_date"))
        return paragraphs(expires, m.text("override", "notes"))


class OverrideTag(Override):
    """Somebody made a build available to other builds."""

    topics = ("bodhi.buildroot_override.tag",)
    rule = "bodhi_buildroot_override_tag"
    title = "Buildroot override created"
    summary_template = "{who} made a buildroot override for {build}"
    group_summary_template = "{who:people} made buildroot overrides for {build:builds}"
    example = sample(override={
        "nvr": "moss-2.4-1.fc44", "build": {"nvr": "moss-2.4-1.fc44"}, "submitter": {"name": "mary"},
        "notes": "The lichen rebuild needs it.", "expiration_date": "2026-03-21 09:00:00",
    })


class OverrideUntag(Override):
    """A build is no longer available to other builds."""

    topics = ("bodhi.buildroot_override.untag",)
    rule = "bodhi_buildroot_override_untag"
    title = "Buildroot override expired"
    summary_template = "{whose} buildroot override for {build} expired"
    group_summary_template = "Buildroot overrides expired: {build:builds}"
    example = sample(override={
        "nvr": "moss-2.4-1.fc44", "build": {"nvr": "moss-2.4-1.fc44"}, "submitter": {"name": "mary"},
        "notes": "The lichen rebuild needs it.", "expired_date": "2026-03-21 09:00:00",
    })

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        agent = self.agent(m)
        return {**super().template_values(m), "whose": f"{agent}'s" if agent else "The"}


EVENTS = (OverrideTag, OverrideUntag)
