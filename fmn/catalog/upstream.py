"""Parsing of upstream projects from release-monitoring.org (Anitya), also in others' messages."""

from __future__ import annotations

from collections.abc import Iterator

from fmn.catalog.events import Package
from fmn.catalog.message_reader import JsonNode
from fmn.catalog.urls import page

ANITYA = "https://release-monitoring.org"

#: Our distributions, in lower case. A mapping without a distribution counts as ours.
OUR_DISTRIBUTIONS = frozenset({"", "fedora", "epel"})


def details(body: JsonNode) -> JsonNode:
    """Details of the event: an object of its own, in the oldest messages the body itself."""
    return body.at("message") if body.keys("message") else body


def project_of(body: JsonNode) -> JsonNode:
    """The project in one of Anitya's bodies."""
    return body.at("project") if body.keys("project") else details(body).at("project")


def project_name(body: JsonNode) -> str:
    """The project's name; ``""`` without one."""
    return project_of(body).text("name") or details(body).text("project")


def project_page(project: JsonNode) -> str:
    """URL of a project's page."""
    number = project.text("id")
    return page(ANITYA, f"project/{number}/") if number else ANITYA


def mappings(body: JsonNode) -> list[JsonNode]:
    """The project's packages by distribution."""
    return details(body).nodes("packages") or body.nodes("packages")


def is_ours(distribution: str) -> bool:
    """Whether a distribution is ours."""
    return distribution.lower() in OUR_DISTRIBUTIONS


def packages_of(body: JsonNode) -> Iterator[Package]:
    """Our packages of the project, including the old and new package of a changed mapping."""
    happened = details(body)
    if is_ours(happened.text("distro") or body.text("distro", "name")):
        yield Package("", happened.text("new"))
        yield Package("", happened.text("prev"))
    for mapping in mappings(body):
        if is_ours(mapping.text("distro")):
            yield Package("", mapping.text("package_name"))


#: A project for examples.
PROJECT = {
    "id": 4711, "name": "moss", "backend": "GitHub", "homepage": "https://moss.example.org",
    "ecosystem": "https://moss.example.org", "regex": None, "version": "2.4", "versions": ["2.4", "2.3"],
    "version_url": "mossers/moss", "created_on": 1412174944.0, "updated_on": 1773480000.0,
}
