"""Copr, where everybody builds packages in projects of their own: they aren't the distribution's packages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from fmn.catalog.accounts_in_messages import avatar, person
from fmn.catalog.events import Application, ApplicationRule, EventType, Outcome, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled

COPR = "https://copr.fedoraproject.org"
RESULTS = "https://copr-be.cloud.fedoraproject.org/results"

#: A group's projects belong to ``@group``; in the address of a page that's ``g/group``.
GROUP = "@"

#: What users have in their names who build from another service, ``github.com:mary``.
ELSEWHERE = ":"

#: Folders of results begin with the number of the build, padded to this many digits.
BUILD_DIGITS = 8

#: Copr's states of builds by number, as parts of a sentence.
STATES = {
    0: "failed", 1: "succeeded", 2: "was cancelled", 3: "is running", 4: "waits for a builder",
    5: "was skipped", 6: "is starting", 7: "is being imported", 8: "was copied from another project",
    9: "waits to be started",
}


class Copr(EventType):
    """Anything from Copr."""

    def owner(self, m: MessageReader) -> str:
        """Whose project it is, an account or ``@group``: the oldest messages only say who built."""
        return person(m, "owner") or person(m, "user")

    def agent(self, m: MessageReader) -> str | None:
        user = person(m, "user")
        # Whoever isn't an account here, such as github.com:mary, is told of, but concerned by nothing.
        return None if ELSEWHERE in user else user or self.owner(m) or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), self.owner(m))

    def groups(self, m: MessageReader) -> Iterable[str]:
        owner = self.owner(m)
        return (owner.removeprefix(GROUP),) if owner.startswith(GROUP) else ()

    def link(self, m: MessageReader) -> str:
        return COPR

    def secondary_icon(self, m: MessageReader) -> str:
        user = person(m, "user")
        return avatar(user) if user else ""


class Build(Copr):
    """Something happened to a build."""

    example = sample(
        build=4711, chroot="fedora-44-x86_64", copr="garden", owner="@forest", user="mary", pkg="moss",
        version="2.4-1.fc44", status=3, ip="192.0.2.7", pid=4242, who="backend.worker-7",
        what="build start: user:mary copr:garden pkg:moss build:4711 ip:192.0.2.7 pid:4242",
    )

    def link(self, m: MessageReader) -> str:
        owner, build = self.owner(m), m.text("build")
        place = f"g/{owner.removeprefix(GROUP)}" if owner.startswith(GROUP) else owner
        return page(COPR, "coprs", place, m.text("copr"), "build", f"{build}/" if build else "")

    def subject(self, m: MessageReader) -> Sequence[str]:
        return (self.owner(m), m.text("copr"), self.package(m), m.text("chroot"))

    def package(self, m: MessageReader) -> str:
        """The package's name: Copr first sent it with the version behind it."""
        return m.text("pkg").removesuffix(f"-{m.text('version')}")

    def results(self, m: MessageReader) -> str:
        """Where logs and packages are, ``""`` if not all of the address is known."""
        place = (self.owner(m), m.text("copr"), m.text("chroot"))
        build, package = m.text("build"), self.package(m)
        folder = f"{build.zfill(BUILD_DIGITS)}-{package}/" if build and package else ""
        return page(RESULTS, *place, folder) if all((*place, folder)) else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        user, chroot, project = person(m, "user"), m.text("chroot"), m.text("copr")
        whose = f"{user}'s build" if user else "An automatic build"
        package = "-".join(filter(None, [self.package(m), m.text("version")]))
        return {
            **super().template_values(m),
            "user": user or "Copr",
            "package": self.package(m) or "a package",
            "build": f"{whose} of {package}" if package else whose,
            "project": "/".join(filter(None, [self.owner(m), project])) if project else "a project",
            "chroot": f" ({chroot})" if chroot else "",
            "became": STATES.get(m.value("status"), "ended") if m.number("status") is not None else "ended",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Package=self.package(m),
            Version=m.text("version"),
            Chroot=m.text("chroot"),
            Built_by=person(m, "user"),
            Build=m.text("build"),
            Results=self.results(m),
        )


class BuildStart(Build):
    """A build started in one of the systems that a project is built for."""

    topics = ("copr.build.start",)
    rule = "copr_build_start"
    title = "Build started"
    summary_template = "{build} in {project} started{chroot}"
    group_summary_template = (
        "{user:people}'s builds of {package:packages} in {project:projects} "
        "started{chroot}")


class ChrootStart(Build):
    """A build started in one chroot; another message says that the build started."""

    topics = ("copr.chroot.start",)
    rule = "copr_chroot_start"
    title = "Chroot started"
    summary_template = "{build} in {project} started its chroot{chroot}"
    group_summary_template = (
        "{user:people}'s builds of {package:packages} in {project:projects} started "
        "chroots")
    severity = Severity.DEBUG

    def link(self, m: MessageReader) -> str:
        chroot = m.text("chroot")
        return page(RESULTS, self.owner(m), m.text("copr"), f"{chroot}/" if chroot else "")

    def thread(self, m: MessageReader) -> str:
        """The page of the build, in all its chroots."""
        return super().link(m)


class BuildEnd(Build):
    """A build ended, neither well nor badly."""

    topics = ("copr.build.end",)
    rule = "copr_build_ended_otherwise"
    title = "Build ended otherwise"
    summary_template = "{build} in {project} {became}{chroot}"
    example = sample(**{**Build.example, "status": 8})
    #: The state it stands for, by Copr's number.
    state: ClassVar[int | None] = None

    def matches(self, m: MessageReader) -> bool:
        return self.state is None or m.number("status") == self.state


class BuildFailed(BuildEnd):
    """A build failed."""

    rule = "copr_build_failed"
    title = "Build failed"
    group_summary_template = (
        "{user:people}'s builds of {package:packages} in {project:projects} "
        "failed{chroot}")
    severity = Severity.ERROR
    count_noun = "failed build"
    example = sample(**{**Build.example, "status": 0})
    state = 0
    default_outcome = Outcome.FAILED


class BuildSucceeded(BuildEnd):
    """A build succeeded."""

    rule = "copr_build_success"
    title = "Build succeeded"
    group_summary_template = (
        "{user:people}'s builds of {package:packages} in {project:projects} "
        "succeeded{chroot}")
    example = sample(**{**Build.example, "status": 1})
    state = 1
    default_outcome = Outcome.SUCCEEDED


class BuildCancelled(BuildEnd):
    """A build was cancelled."""

    rule = "copr_build_cancelled"
    title = "Build cancelled"
    group_summary_template = (
        "{user:people}'s builds of {package:packages} in {project:projects} were "
        "cancelled{chroot}")
    severity = Severity.WARNING
    example = sample(**{**Build.example, "status": 2})
    state = 2


class BuildSkipped(BuildEnd):
    """A build was skipped, since the same was built before."""

    rule = "copr_build_skipped"
    title = "Build skipped"
    group_summary_template = (
        "{user:people}'s builds of {package:packages} in {project:projects} were "
        "skipped{chroot}")
    example = sample(**{**Build.example, "status": 5})
    state = 5


class WorkerCreate(Copr):
    """Copr made a worker that builds."""

    topics = ("copr.worker.create",)
    rule = "copr_worker_create"
    title = "Worker created"
    summary_template = "Copr created a worker"
    severity = Severity.DEBUG
    example = sample(what="creating worker: 192.0.2.7", who="dispatcher")
    retired = True

    def long(self, m: MessageReader) -> str:
        return m.text("what")


#: The last one stands for every other state.
ENDS = (BuildFailed, BuildSucceeded, BuildCancelled, BuildSkipped, BuildEnd)

APPLICATION = Application(
    category="copr",
    title="Copr",
    help="Builds in projects of one's own: started, succeeded, failed.",
    catchall="copr_catchall",
    icon="https://apps.fedoraproject.org/img/icons/copr.png",
    other=Copr,
    events=(BuildStart, ChrootStart, *ENDS, WorkerCreate),
    rules=(
        ApplicationRule(
            name="copr_build_end",
            title="Build ended",
            help="A build succeeded, failed, was skipped, or ended otherwise.",
            any_of=frozenset(event.rule_name() for event in ENDS),
        ),
    ),
)
