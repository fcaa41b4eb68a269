"""What becomes of builds: tagged, signed, made into repositories that later builds install from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.applications.buildsys.base import Koji, koji_page
from fmn.catalog.builds import build_name
from fmn.catalog.events import Package, Severity, sample
from fmn.catalog.message_reader import MessageReader


class Tagging(Koji):
    """A build got or lost a tag."""

    severity = Severity.DEBUG
    example = sample(
        name="moss", version="2.4", release="1.fc44", build_id=2101, tag="f44-updates-candidate", tag_id=216,
        owner="mary", user="bodhi", instance="primary",
    )

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "user") or person(m, "owner") or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (person(m, "user"), person(m, "owner"))

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (Package("", m.text("name")),)

    def link(self, m: MessageReader) -> str:
        return koji_page(m, "taginfo", tagID=m.text("tag_id"))

    def thread(self, m: MessageReader) -> str:
        """The page of the build; everything in the tag isn't about one thing."""
        return koji_page(m, "buildinfo", buildID=m.text("build_id"))


class Tag(Tagging):
    """A build got a tag."""

    topics = ("buildsys.tag",)
    rule = "koji_tag"
    title = "Build tagged"
    summary_template = "{who} tagged {build} into {tag}{where}"
    group_summary_template = "{who:people} tagged {build:builds} into {tag:tags}{where}"


class Untag(Tagging):
    """A build lost a tag."""

    topics = ("buildsys.untag",)
    rule = "koji_untag"
    title = "Build untagged"
    summary_template = "{who} untagged {build} from {tag}{where}"
    group_summary_template = "{who:people} untagged {build:builds} from {tag:tags}{where}"


class PackageListChange(Koji):
    """A package was added to a tag, removed from it or blocked in it."""

    topics = ("buildsys.package.list.change",)
    rule = "koji_package_list_change"
    title = "Package list of a tag changed"
    summary_template = "The list of packages in {tag} changed: {package}{action}{where}"
    group_summary_template = "The lists of packages in {tag:tags} changed: {package:packages}{action}{where}"
    severity = Severity.DEBUG
    example = sample(
        package="moss", tag="f44", instance="primary", action="block", owner="mary", block=True, force=None,
        extra_arches=None, update=None,
    )

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (Package("", m.text("package")),)

    def link(self, m: MessageReader) -> str:
        return ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        action = m.text("action")
        return {
            **super().template_values(m),
            "package": m.text("package") or "a package",
            "action": f" ({action})" if action else "",
        }


class Repository(Koji):
    """Koji makes a repository of what has a tag, for builds to install from."""

    severity = Severity.DEBUG
    example = sample(tag="f44-build", tag_id=3101, repo_id=56001, instance="primary")

    def link(self, m: MessageReader) -> str:
        return koji_page(m, "taginfo", tagID=m.text("tag_id"))


class RepoInit(Repository):
    """Koji started to make a build repository."""

    topics = ("buildsys.repo.init",)
    rule = "koji_repo_init"
    title = "Build repository started"
    summary_template = "Koji started to make the repository of {tag}{where}"
    group_summary_template = "Koji started to make the repositories of {tag:tags}{where}"


class RepoDone(Repository):
    """Koji made a build repository."""

    topics = ("buildsys.repo.done",)
    rule = "koji_repo_done"
    title = "Build repository done"
    summary_template = "Koji made the repository of {tag}{where}"
    group_summary_template = "Koji made the repositories of {tag:tags}{where}"


class RpmSign(Koji):
    """A package file was signed."""

    topics = ("buildsys.rpm.sign",)
    rule = "koji_rpm_sign"
    title = "Package signed"
    summary_template = "{file} was signed{key}{where}"
    group_summary_template = "Files were signed{key}{where}: {file:files}"
    severity = Severity.DEBUG
    example = sample(
        build={"id": 2101, "name": "moss", "owner_name": "mary", "package_name": "moss"}, instance="primary",
        sigkey="6d9f90a6", sighash="5b1c0f6d2f4ab9c1e7a1d22a43f0aa10",
        rpm={"name": "moss-devel", "version": "2.4", "release": "1.fc44", "arch": "x86_64", "build_id": 2101},
    )

    def rpm(self, m: MessageReader) -> str:
        """The key of the file's description: Koji called it ``info`` first."""
        return "rpm" if m.has("rpm") else "info"

    def agent(self, m: MessageReader) -> str | None:
        """Whose build the file is of, which newer messages tell."""
        return m.text("build", "owner_name") or None

    def packages(self, m: MessageReader) -> Iterable[Package]:
        """The source package that was built; older messages have only the file's name.

        Files of the same build are sub-packages, such as ``moss-devel``, and nobody's packages.
        """
        built = m.text("build", "package_name") or m.text("build", "name")
        return (Package("", built or m.text(self.rpm(m), "name")),)

    def link(self, m: MessageReader) -> str:
        return koji_page(m, "buildinfo", buildID=m.text(self.rpm(m), "build_id"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        key = m.text("sigkey") or m.text("info", "sigkey")
        parts = (build_name(m, self.rpm(m)), m.text(self.rpm(m), "arch"))
        return {
            **super().template_values(m),
            "file": ".".join(filter(None, parts)) or "A package",
            "key": f" with the key {key}" if key else "",
        }


EVENTS = (Tag, Untag, PackageListChange, RepoInit, RepoDone, RpmSign)
