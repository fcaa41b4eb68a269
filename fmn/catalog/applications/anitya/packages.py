"""Which package a project is in a distribution."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.anitya.base import Project
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.upstream import PROJECT, details


class Map(Project):
    """Something happened to the mapping between a project and a distribution's package."""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        happened = details(m)
        return {
            **super().template_values(m),
            "new": happened.text("new") or "a package",
            "prev": happened.text("prev") or "a package",
            "distro": happened.text("distro") or m.text("distro", "name") or "a distribution",
        }


class MapNew(Map):
    """Somebody said which package a project is in a distribution."""

    topics = ("anitya.project.map.new",)
    rule = "anitya_mapping_new"
    title = "Project mapped to a package"
    summary_template = "{who} mapped {project} to {new} in {distro}"
    group_summary_template = "{who:people} mapped {project:projects} to packages in {distro:distributions}"
    example = sample(distro={"name": "Fedora"}, project=PROJECT, message={
        "agent": "mary", "distro": "Fedora", "project": "moss", "new": "moss"})


class MapUpdate(Map):
    """Somebody changed which package a project is in a distribution."""

    topics = ("anitya.project.map.update",)
    rule = "anitya_mapping_update"
    title = "Mapping to a package changed"
    summary_template = "{who} changed the mapping of {project} in {distro}{change}"
    group_summary_template = (
        "{who:people} changed the mappings of {project:projects} in "
        "{distro:distributions}")
    example = sample(distro={"name": "Fedora"}, project=PROJECT, message={
        "agent": "mary", "distro": "Fedora", "project": "moss",
        "edited": ["package_name"], "prev": "mosses", "new": "moss",
    })

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words = super().template_values(m)
        changed = words["prev"] != words["new"]
        return {**words, "change": " from {prev} to {new}".format_map(words) if changed else ""}


class MapRemove(Map):
    """A project is no longer said to be a package in a distribution."""

    topics = ("anitya.project.map.remove",)
    rule = "anitya_mapping_deleted"
    title = "Mapping to a package removed"
    summary_template = "{who} removed the mapping of {project} in {distro}"
    group_summary_template = (
        "{who:people} removed the mappings of {project:projects} in "
        "{distro:distributions}")
    severity = Severity.WARNING
    example = sample(distro=None, project=PROJECT, message={
        "agent": "mary", "distro": "Fedora", "project": "moss"})


EVENTS = (MapNew, MapUpdate, MapRemove)
