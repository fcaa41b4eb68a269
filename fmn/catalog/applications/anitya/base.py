"""What Anitya's messages have in common: who did it, and the project that they're about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.events import EventType, Package, sample
from fmn.catalog.identities import account_of
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.upstream import (
    ANITYA,
    PROJECT,
    details,
    mappings,
    packages_of,
    project_name,
    project_of,
    project_page,
)
from fmn.text import labelled

#: Made up for examples.
MAPPING = {"distro": "Fedora", "package_name": "moss"}


class Anitya(EventType):
    """Anything from Anitya: it knows people by account, by OpenID and, long ago, by e-mail address."""

    def agent(self, m: MessageReader) -> str | None:
        return account_of(m, details(m).text("agent")) or None

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        happened, name = details(m), project_name(m)
        distro = happened.text("distro") or m.text("distro", "name")
        return {
            **super().template_values(m),
            "project": f"the project {name}" if name else "a project",
            "distro": f"the distribution {distro}" if distro else "a distribution",
        }

    def link(self, m: MessageReader) -> str:
        return ANITYA


class Project(Anitya):
    """Something happened to a project."""

    example = sample(distro=None, message={"agent": "mary", "project": "moss"}, project=PROJECT)

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return packages_of(m)

    def link(self, m: MessageReader) -> str:
        return project_page(project_of(m))

    def long(self, m: MessageReader) -> str:
        project = project_of(m)
        return labelled(
            Homepage=project.text("homepage"),
            Backend=project.text("backend"),
            Latest_version=project.text("version"),
            Packages=", ".join(
                f"{mapping.text('package_name')} ({mapping.text('distro')})" for mapping in mappings(m)),
        )
