"""Which package a project is in a distribution."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.anitya.base import Project
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import Reading
from fmn.catalog.upstream import PROJECT, details


class Map(Project):
    """Something happened to the mapping between a project and a distribution's package."""

    def words(self, m: Reading) -> Mapping[str, str]:
        happened = details(m)
        return {
            **super().words(m),
            "new": happened.text("new") or "a package",
            "prev": happened.text("prev") or "a package",
            "distro": happened.text("distro") or m.text("distro", "name") or "a distribution",
        }


class MapNew(Map):
    """Somebody said which package a project is in a distribution."""

    topics = ("anitya.project.map.new",)
    rule = "anitya_mapping_new"
    title = "Project mapped to a package"
    says = "{who} mapped {project} to {new} in {distro}"
    says_of_many = "{who:people} mapped {project:projects} to packages in {distro:distributions}"
    example = sample(distro={"name": "Fedora"}, project=PROJECT, message={
        "agent": "mary", "distro": "Fedora", "project": "moss", "new": "moss"})


class MapUpdate(Map):
    """Somebody changed which package a project is in a distribution."""

    topics = ("anitya.project.map.update",)
    rule = "anitya_mapping_update"
    title = "Mapping to a package changed"
    says = "{who} changed the mapping of {project} in {distro}{change}"
    says_of_many = "{who:people} changed the mappings of {project:projects} in {distro:distributions}"
    example = sample(distro={"name": "Fedora"}, project=PROJECT, message={
        "agent": "mary", "distro": "Fedora", "project": "moss",
        "edited": ["package_name"], "prev": "mosses", "new": "moss",
    })

    def words(self, m: Reading) -> Mapping[str, str]:
        words = super().words(m)
        changed = words["prev"] != words["new"]
        return {**words, "change": " from {prev} to {new}".format_map(words) if changed else ""}


class MapRemove(Map):
    """A project is no longer said to be a package in a distribution."""

    topics = ("anitya.project.map.remove",)
    rule = "anitya_mapping_deleted"
    title = "Mapping to a package removed"
    says = "{who} removed the mapping of {project} in {distro}"
    says_of_many = "{who:people} removed the mappings of {project:projects} in {distro:distributions}"
    severity = Severity.WARNING
    example = sample(distro=None, project=PROJECT, message={
        "agent": "mary", "distro": "Fedora", "project": "moss"})


EVENTS = (MapNew, MapUpdate, MapRemove)
