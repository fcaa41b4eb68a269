"""Anitya, which watches upstream projects for new versions: release-monitoring.org."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.anitya import distros, packages, projects, versions
from fmn.catalog.applications.anitya.base import Anitya
from fmn.catalog.events import SEVERAL, Application, ApplicationRule, Argument, Facts
from fmn.catalog.upstream import mappings
from fmn.text import split_list


def is_unmapped_version(facts: Facts, _arguments: Mapping[str, str]) -> bool:
    """Whether a new version was found of a project that's no package of ours yet."""
    return facts.event.name == versions.NewVersion.rule and not any(
        mapping.text("distro").lower() == "fedora" for mapping in mappings(facts.reader))


def concerns_distro(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether the message is about a distribution, or about a project with a package there."""
    if facts.message.category != "anitya":
        return False
    m = facts.reader
    packages = m.nodes("message", "packages")
    named = {m.text("distro", "name"), *(mapping.text("distro") for mapping in packages)}
    wanted = split_list(arguments.get("distro", "").lower())
    return any(distro.lower() in wanted for distro in named)


def concerns_upstream_project(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether the message is about one of the projects, by the names they have upstream."""
    if facts.message.category != "anitya":
        return False
    return facts.reader.text("project", "name") in split_list(arguments.get("projects", ""))


APPLICATION = Application(
    category="anitya",
    title="Release monitoring",
    help="Upstream projects: new versions, and which packages they are.",
    catchall="anitya_catchall",
    icon="https://apps.fedoraproject.org/packages/images/icons/package_128x128.png",
    topic_prefix="org.release-monitoring",
    other=Anitya,
    events=(*distros.EVENTS, *projects.EVENTS, *packages.EVENTS, *versions.EVENTS),
    rules=(
        ApplicationRule(
            name="anitya_new_update_v2",
            title="New versions",
            help='Anitya found one or several new versions of a project. The same as "New version".',
            any_of=frozenset({versions.NewVersion.rule}),
        ),
        ApplicationRule(
            name="anitya_unmapped_new_update",
            title="New version of what isn't packaged",
            help="A new version was found of a project that isn't mapped to a Fedora package.",
            holds=is_unmapped_version,
        ),
        ApplicationRule(
            name="anitya_specific_distro",
            title="About a distribution",
            help="The message is about this distribution, or about a project with a package there.",
            arguments=(Argument("distro", "Distribution", SEVERAL, "Fedora"),),
            holds=concerns_distro,
        ),
        ApplicationRule(
            name="anitya_by_upstream_project",
            title="About an upstream project",
            help="The message is about this project, by its name upstream: requests, not python-requests.",
            arguments=(Argument("projects", "Projects", SEVERAL, "requests"),),
            holds=concerns_upstream_project,
        ),
    ),
)
