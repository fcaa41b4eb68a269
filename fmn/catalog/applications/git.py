"""Dist-git, where packages' sources are: pushes, branches, uploads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import avatar, avatar_by_email, person
from fmn.catalog.commits import COMMIT, about, author_of, short_ref, title_of
from fmn.catalog.events import Application, ApplicationRule, EventType, Facts, Package, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, paragraphs, pluralize

SOURCES = "https://src.fedoraproject.org"

#: Where packages are that a message names without a namespace: once there was no other.
DEFAULT_NAMESPACE = "rpms"


class DistGit(EventType):
    """Anything from dist-git."""


def short_name(package: Package) -> str:
    """A package as one of several: where most are, the namespace goes without saying."""
    return package.name if package.namespace == DEFAULT_NAMESPACE else str(package)


def repository(name: str, namespace: str = "") -> Package:
    """A repository that may be named ``moss`` or ``rpms/moss``."""
    before, _, own = name.rpartition("/")
    return Package(namespace or before or DEFAULT_NAMESPACE, own)


class Push(DistGit):
    """Somebody pushed a commit to a package's sources."""

    topics = ("git.receive",)
    rule = "git_receive"
    own_environment = True
    title = "Commit pushed"
    threaded = False
    summary_template = "{who} pushed to {package}{branch}{title}"
    group_summary_template = "{who:people} pushed to {name:packages}{branch}"
    example = sample(commit={
        **COMMIT, "namespace": "rpms", "repo": "moss", "branch": "f44", "username": "mary", "seen": False})

    def repository(self, m: MessageReader) -> Package:
        """The repository that was pushed to."""
        return repository(m.text("commit", "repo"), m.text("commit", "namespace"))

    def branch(self, m: MessageReader) -> str:
        """The branch that was pushed to."""
        return short_ref(m.text("commit", "branch"))

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "agent") or person(m, "commit", "username") or None

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (self.repository(m),)

    def link(self, m: MessageReader) -> str:
        namespace, name = self.repository(m)
        branch = {"branch": self.branch(m)} if self.branch(m) else {}
        return page(SOURCES, namespace, name, "c", m.text("commit", "rev"), **branch)

    def secondary_icon(self, m: MessageReader) -> str:
        author, address = person(m, "commit", "username"), m.text("commit", "email")
        return avatar(author) if author else avatar_by_email(address) if address else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        repository, branch = self.repository(m), self.branch(m)
        return {
            "who": self.agent(m) or author_of(m.at("commit")) or "Somebody",
            "package": str(repository) if repository.name else "a package",
            "name": short_name(repository) if repository.name else "a package",
            "branch": f" ({branch})" if branch else "",
            "title": title_of(m.at("commit")),
        }

    def long(self, m: MessageReader) -> str:
        seen = "This commit was in another branch before." if m.flag("commit", "seen") else ""
        return paragraphs(about(m.at("commit")), seen)


class LegacyPush(Push):
    """Somebody pushed a commit, when topics still named the package."""

    topics = ("git.receive.**",)
    rule = "git_receive_legacy"
    title = "Commit pushed (package in the topic)"
    example = sample(commit={**COMMIT, "branch": "f44", "username": "mary"})
    example_topic = "git.receive.moss.f44"
    retired = True

    def repository(self, m: MessageReader) -> Package:
        in_topic = m.title.removeprefix("git.receive.").removesuffix(f".{self.branch(m)}")
        return repository(m.text("commit", "repo") or in_topic, m.text("commit", "namespace"))

    def branch(self, m: MessageReader) -> str:
        return super().branch(m) or m.topic_part(-1)


class Branch(DistGit):
    """A branch was made for a package."""

    topics = ("git.branch",)
    rule = "git_branch"
    own_environment = True
    title = "New branch"
    threaded = False
    summary_template = "{who} made the branch {branch} for {package}"
    group_summary_template = "{who:people} made branches for {name:packages}: {branch:branches}"
    example = sample(agent="mary", namespace="rpms", name="moss", branch="epel10")

    def repository(self, m: MessageReader) -> Package:
        """The repository that got a branch."""
        return repository(m.text("name"), m.text("namespace"))

    def branch(self, m: MessageReader) -> str:
        """The new branch."""
        return m.text("branch")

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (self.repository(m),)

    def link(self, m: MessageReader) -> str:
        namespace, name = self.repository(m)
        return page(SOURCES, namespace, name, "commits", self.branch(m))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        repository = self.repository(m)
        return {
            **super().template_values(m),
            "package": str(repository) if repository.name else "a package",
            "name": short_name(repository) if repository.name else "a package",
            "branch": self.branch(m) or "of some name",
        }


class LegacyBranch(Branch):
    """A branch was made for a package, when topics still named both."""

    topics = ("git.branch.**",)
    rule = "git_branch_legacy"
    title = "New branch (package in the topic)"
    example = sample(agent="mary")
    example_topic = "git.branch.moss.epel10"
    retired = True

    def repository(self, m: MessageReader) -> Package:
        in_topic = m.title.removeprefix("git.branch.").removesuffix(f".{self.branch(m)}")
        return repository(m.text("name") or in_topic, m.text("namespace"))

    def branch(self, m: MessageReader) -> str:
        return super().branch(m) or m.topic_part(-1)


class Upload(DistGit):
    """Somebody uploaded a source file for a package."""

    topics = ("git.lookaside.new",)
    rule = "git_lookaside_new"
    title = "Source file uploaded"
    threaded = False
    summary_template = "{who} uploaded {file} for {package}"
    group_summary_template = "{who:people} uploaded {file:files}"
    example = sample(
        agent="mary", name="moss", filename="moss-2.4.tar.xz", md5sum="0f343b0931126a20f133d67c2b018a3b",
        path="moss/moss-2.4.tar.xz/md5/0f343b0931126a20f133d67c2b018a3b/moss-2.4.tar.xz",
    )

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (repository(m.text("name")),)

    def link(self, m: MessageReader) -> str:
        root, path = f"{SOURCES}/lookaside/pkgs", m.text("path").strip("/")
        file = m.text("filename")
        return page(root, path) if path else page(root, m.text("name"), file, m.text("md5sum"), file)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "file": m.text("filename") or "a file",
            "package": m.text("name") or "a package",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(File=m.text("filename"), Checksum=m.text("md5sum"))


class LegacyUpload(Upload):
    """Somebody uploaded a source file, when topics still named the package."""

    topics = ("git.lookaside.**",)
    rule = "git_lookaside_new_legacy"
    title = "Source file uploaded (package in the topic)"
    example_topic = "git.lookaside.moss.new"
    retired = True


class Branching(DistGit):
    """Somebody makes branches for packages that package database says they should have."""

    retired = True
    example = sample(agent="mary")


class MassBranchStart(Branching):
    """Branches for all packages are being made."""

    topics = ("git.mass_branch.start",)
    rule = "git_mass_branch_start"
    title = "Mass branching started"
    summary_template = "{who} started a mass branching"
    severity = Severity.WARNING


class MassBranchComplete(Branching):
    """Branches for all packages have been made."""

    topics = ("git.mass_branch.complete",)
    rule = "git_mass_branch_complete"
    title = "Mass branching complete"
    summary_template = "The mass branching that {who} started is complete"

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "who": self.agent(m) or "somebody"}


class BranchRunStart(Branching):
    """The script that makes missing branches was started."""

    topics = ("git.pkgdb2branch.start",)
    rule = "git_pkgdb2branch_start"
    title = "Run of pkgdb2branch started"
    summary_template = "{who} started a run of pkgdb2branch"
    severity = Severity.DEBUG


class BranchRunComplete(Branching):
    """The script that makes missing branches finished."""

    topics = ("git.pkgdb2branch.complete",)
    rule = "git_pkgdb2branch_complete"
    title = "Run of pkgdb2branch complete"
    summary_template = "The run of pkgdb2branch that {who} started is complete{errors}"
    severity = Severity.DEBUG
    example = sample(agent="mary", branchedPackages=["moss"], unbranchedPackages=["lichen"])

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (repository(name) for name in (*m.texts("branchedPackages"), *m.texts("unbranchedPackages")))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        failed = len(m.texts("unbranchedPackages"))
        return {
            "who": self.agent(m) or "somebody",
            "errors": f" with {pluralize(failed, 'error')}" if failed else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Branched=", ".join(m.texts("branchedPackages")),
            Not_branched=", ".join(m.texts("unbranchedPackages")),
        )


def is_new_repository(facts: Facts, _arguments: Mapping[str, str]) -> bool:
    """Whether a project was made on dist-git's own Pagure, which says so under its own category."""
    return (
        facts.message.title == "pagure.project.new"
        and facts.message.topic.startswith("org.fedoraproject."))


APPLICATION = Application(
    category="git",
    title="Dist-git",
    help="Packages' sources: commits pushed, branches made, files uploaded.",
    catchall="git_catchall",
    icon="https://apps.fedoraproject.org/img/icons/git-logo.png",
    other=DistGit,
    events=(
        Push, LegacyPush, Branch, LegacyBranch, Upload, LegacyUpload,
        MassBranchStart, MassBranchComplete, BranchRunStart, BranchRunComplete,
    ),
    rules=(
        ApplicationRule(
            name="git_repo_new",
            title="New repository",
            help="A package got its repository in dist-git, after its review.",
            holds=is_new_repository,
            category="pagure",
        ),
    ),
)
