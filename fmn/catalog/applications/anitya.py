"""Anitya, which watches upstream projects for new versions: release-monitoring.org."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.events import (
    SEVERAL,
    Application,
    ApplicationRule,
    Argument,
    EventType,
    Facts,
    Package,
    Severity,
    sample,
)
from fmn.catalog.identities import account_of
from fmn.catalog.links import page
from fmn.catalog.reading import Reading
from fmn.catalog.text import bullets, labelled, listed, quoted, series
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

MAPPING = {"distro": "Fedora", "package_name": "moss"}


class Anitya(EventType):
    """Anything from Anitya: it knows people by account, by OpenID and, long ago, by e-mail address."""

    def agent(self, m: Reading) -> str | None:
        return account_of(m, details(m).text("agent")) or None

    def words(self, m: Reading) -> Mapping[str, str]:
        happened, name = details(m), project_name(m)
        distro = happened.text("distro") or m.text("distro", "name")
        return {
            **super().words(m),
            "project": f"the project {name}" if name else "a project",
            "distro": f"the distribution {distro}" if distro else "a distribution",
        }

    def link(self, m: Reading) -> str:
        return ANITYA


class Distro(Anitya):
    """Something happened to a distribution."""

    example = sample(
        distro={"name": "Mossora"}, message={"agent": "mary", "distro": "Mossora"}, project=None)

    def link(self, m: Reading) -> str:
        return page(ANITYA, "distros")


class DistroAdd(Distro):
    """Somebody added a distribution."""

    topics = ("anitya.distro.add",)
    rule = "anitya_distro_add"
    title = "Distribution added"
    says = "{who} added {distro}"


class DistroEdit(Distro):
    """Somebody changed the name of a distribution."""

    topics = ("anitya.distro.edit",)
    rule = "anitya_distro_update"
    title = "Distribution renamed"
    says = "{who} renamed {old} to {new}"
    example = sample(
        distro={"name": "Mosora"}, message={"agent": "mary", "old": "Mosora", "new": "Mossora"}, project=None)

    def words(self, m: Reading) -> Mapping[str, str]:
        happened, old = details(m), details(m).text("old")
        return {
            **super().words(m),
            "old": f"the distribution {old}" if old else "a distribution",
            "new": happened.text("new") or "something else",
        }


class DistroRemove(Distro):
    """Somebody removed a distribution."""

    topics = ("anitya.distro.remove",)
    title = "Distribution removed"
    says = "{who} removed {distro}"
    severity = Severity.WARNING


class Project(Anitya):
    """Something happened to a project."""

    example = sample(distro=None, message={"agent": "mary", "project": "moss"}, project=PROJECT)

    def packages(self, m: Reading) -> Iterable[Package]:
        return packages_of(m)

    def link(self, m: Reading) -> str:
        return project_page(project_of(m))

    def long(self, m: Reading) -> str:
        project = project_of(m)
        return labelled(
            Homepage=project.text("homepage"),
            Backend=project.text("backend"),
            Latest_version=project.text("version"),
            Packages=", ".join(
                f"{mapping.text('package_name')} ({mapping.text('distro')})" for mapping in mappings(m)),
        )


class ProjectAdd(Project):
    """Somebody added a project."""

    topics = ("anitya.project.add",)
    rule = "anitya_project_add"
    title = "Project added"
    says = "{who} added {project}"
    says_of_many = "{who:people} added {project:projects}"


class ProjectAddTried(Project):
    """Somebody tried to add a project that was there already."""

    topics = ("anitya.project.add.tried",)
    rule = "anitya_project_add_tried"
    title = "Project added in vain"
    says = "{who} tried to add {project}, which is there already"
    severity = Severity.DEBUG


class ProjectEdit(Project):
    """Somebody changed what Anitya knows of a project."""

    topics = ("anitya.project.edit",)
    rule = "anitya_project_update"
    title = "Project changed"
    says = "{who} changed {fields} of {project}"
    says_of_many = "{who:people} changed {fields:alike} of {project:projects}"
    example = sample(distro=None, project=PROJECT, message={
        "agent": "mary", "project": "moss", "fields": ["homepage"],
        "changes": {"homepage": {"old": "http://moss.example.org", "new": "https://moss.example.org"}},
    })

    def words(self, m: Reading) -> Mapping[str, str]:
        fields = series(f"the {field.replace('_', ' ')}" for field in details(m).texts("fields"))
        return {**super().words(m), "fields": fields or "something"}

    def long(self, m: Reading) -> str:
        fields = details(m).keys("changes")
        return bullets(self._change(m, field) for field in fields) or super().long(m)

    def _change(self, m: Reading, field: str) -> str:
        old, new = (details(m).text("changes", field, side) or "(none)" for side in ("old", "new"))
        return f"{field.replace('_', ' ')}: {old} -> {new}"


class ProjectUpdate(ProjectEdit):
    """Somebody changed what Anitya knows of a project, under a topic that Anitya doesn't use."""

    topics = ("anitya.project.update",)
    rule = "anitya_info_update"
    title = "Project changed (unused topic)"
    retired = True


class ProjectRemove(Project):
    """Somebody removed a project."""

    topics = ("anitya.project.remove",)
    rule = "anitya_project_deleted"
    title = "Project removed"
    says = "{who} removed {project}"
    says_of_many = "{who:people} removed {project:projects}"
    severity = Severity.WARNING


class ProjectFlag(Project):
    """Somebody asked an administrator to look at a project."""

    topics = ("anitya.project.flag",)
    rule = "anitya_flag_new"
    title = "Project flagged"
    says = "{who} flagged {project}{reason}"
    says_of_many = "{who:people} flagged {project:projects}"
    example = sample(distro=None, project=PROJECT, message={
        "agent": "mary", "project": "moss", "reason": "Moss moved to another forge.", "packages": [MAPPING]})

    def words(self, m: Reading) -> Mapping[str, str]:
        reason = quoted(details(m).text("reason"))
        return {**super().words(m), "reason": f": {reason}" if reason else ""}

    def long(self, m: Reading) -> str:
        return details(m).text("reason")


class FlagSet(Anitya):
    """An administrator opened or closed a flag on a project."""

    topics = ("anitya.project.flag.set",)
    rule = "anitya_flag_update"
    title = "Flag updated"
    says = "{who} set {flag} to {state}"
    says_of_many = "{who:people} set {flag:flags} to {state:alike}"
    example = sample(distro=None, message={"agent": "mary", "flag": 512, "state": "closed"}, project=None)

    def words(self, m: Reading) -> Mapping[str, str]:
        number = details(m).text("flag")
        return {
            **super().words(m),
            "flag": f"the flag {number}" if number else "a flag",
            "state": details(m).text("state") or "something else",
        }


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


class NewVersion(Project):
    """Anitya found a new version of a project."""

    topics = ("anitya.project.version.update",)
    rule = "anitya_new_update"
    title = "New version"
    says = "Anitya found {thing} of {project}{versions}{before}"
    says_of_many = "Anitya found new versions of {project:projects}"
    example = sample(distro=None, project=PROJECT, message={
        "agent": "anitya", "old_version": "2.3", "upstream_version": "2.4", "odd_change": False,
        "packages": [MAPPING], "project": PROJECT, "versions": ["2.4", "2.3"],
    })

    def agent(self, m: Reading) -> str | None:
        return super().agent(m) or "anitya"

    def versions(self, m: Reading) -> list[str]:
        """The versions that were found."""
        version = details(m).text("upstream_version")
        return [version] if version else []

    def words(self, m: Reading) -> Mapping[str, str]:
        versions, before = self.versions(m), details(m).text("old_version")
        odd = details(m).flag("odd_change")
        return {
            **super().words(m),
            "thing": "an odd version" if odd else "new versions" if len(versions) > 1 else "a new version",
            "versions": f": {series(versions)}" if versions else "",
            "before": f" (after {before})" if before else "",
        }


class NewVersions(NewVersion):
    """Anitya found one or several new versions of a project, which need not be the latest."""

    topics = ("anitya.project.version.update.v2",)
    rule = "anitya_new_update_v2"
    title = "New versions"
    example = sample(distro=None, project=PROJECT, message={
        "agent": "anitya", "old_version": "2.3", "upstream_versions": ["2.3.1", "2.4"],
        "packages": [MAPPING], "project": PROJECT,
        "versions": ["2.4", "2.3.1", "2.3"], "stable_versions": ["2.4", "2.3.1", "2.3"],
    })

    def versions(self, m: Reading) -> list[str]:
        return details(m).texts("upstream_versions") or super().versions(m)


class VersionRemove(Project):
    """Somebody removed versions of a project that Anitya had found by mistake."""

    topics = ("anitya.project.version.remove", "anitya.project.version.remove.v2")
    title = "Version removed"
    says = "{who} removed {versions} of {project}"
    says_of_many = "{who:people} removed versions of {project:projects}"
    severity = Severity.WARNING
    example = sample(
        distro=None, project=PROJECT, message={"agent": "mary", "project": "moss", "version": "2.5"})

    def words(self, m: Reading) -> Mapping[str, str]:
        happened = details(m)
        versions = happened.texts("versions") or [happened.text("version")]
        thing = "the versions" if len(versions) > 1 else "the version"
        return {**super().words(m), "versions": f"{thing} {series(versions) or 'of some number'}"}


def is_unmapped_version(facts: Facts, _arguments: Mapping[str, str]) -> bool:
    """Whether a new version was found of a project that's no package of ours yet."""
    return facts.event.name == NewVersion.rule and not any(
        mapping.text("distro").lower() == "fedora" for mapping in mappings(facts.reading))


def concerns_distro(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether the message is about a distribution, or about a project with a package there."""
    if facts.message.category != "anitya":
        return False
    m = facts.reading
    packages = m.nodes("message", "packages")
    named = {m.text("distro", "name"), *(mapping.text("distro") for mapping in packages)}
    wanted = listed(arguments.get("distro", "").lower())
    return any(distro.lower() in wanted for distro in named)


def concerns_upstream_project(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether the message is about one of the projects, by the names they have upstream."""
    if facts.message.category != "anitya":
        return False
    return facts.reading.text("project", "name") in listed(arguments.get("projects", ""))


APPLICATION = Application(
    category="anitya",
    title="Release monitoring",
    help="Upstream projects: new versions, and which packages they are.",
    catchall="anitya_catchall",
    icon="https://apps.fedoraproject.org/packages/images/icons/package_128x128.png",
    topic_prefix="org.release-monitoring",
    other=Anitya,
    events=(
        DistroAdd, DistroEdit, DistroRemove, ProjectAdd, ProjectAddTried, ProjectEdit, ProjectUpdate,
        ProjectRemove, ProjectFlag, FlagSet, MapNew, MapUpdate, MapRemove, NewVersion, NewVersions,
        VersionRemove,
    ),
    rules=(
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
