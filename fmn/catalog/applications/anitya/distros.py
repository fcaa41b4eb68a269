"""Distributions, whose packages projects are."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.anitya.base import Anitya
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.upstream import ANITYA, details
from fmn.catalog.urls import page


class Distro(Anitya):
    """Something happened to a distribution."""

    example = sample(
        distro={"name": "Mossora"}, message={"agent": "mary", "distro": "Mossora"}, project=None)

    def link(self, m: MessageReader) -> str:
        return page(ANITYA, "distros")


class DistroAdd(Distro):
    """Somebody added a distribution."""

    topics = ("anitya.distro.add",)
    rule = "anitya_distro_add"
    title = "Distribution added"
    summary_template = "{who} added {distro}"


class DistroEdit(Distro):
    """Somebody changed the name of a distribution."""

    topics = ("anitya.distro.edit",)
    rule = "anitya_distro_update"
    title = "Distribution renamed"
    summary_template = "{who} renamed {old} to {new}"
    example = sample(
        distro={"name": "Mosora"}, message={"agent": "mary", "old": "Mosora", "new": "Mossora"}, project=None)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        happened, old = details(m), details(m).text("old")
        return {
            **super().template_values(m),
            "old": f"the distribution {old}" if old else "a distribution",
            "new": happened.text("new") or "something else",
        }


class DistroRemove(Distro):
    """Somebody removed a distribution."""

    topics = ("anitya.distro.remove",)
    title = "Distribution removed"
    summary_template = "{who} removed {distro}"
    severity = Severity.WARNING


EVENTS = (DistroAdd, DistroEdit, DistroRemove)
