"""Builds and scratch builds: one event type for each state they get into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.applications.buildsys.base import Koji, koji_page
from fmn.catalog.builds import build_of_file, built_for, package_name
from fmn.catalog.events import Outcome, Package, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled


class Build(Koji):
    """A build changed to some other state."""

    topics = ("buildsys.build.state.change",)
    title = "Build in another state"
    summary_template = "{whose} of {build} changed its state{where}"
    group_summary_template = "{owner:people}'s builds of {package:packages} changed their states{where}"
    example = sample(
        build_id=2101, task_id=9201, name="moss", version="2.4", release="1.fc44",
        owner="mary", instance="primary", attribute="state", old=0, new=9,
    )
    #: The state it stands for, by Koji's number.
    state: ClassVar[int | None] = None

    def matches(self, m: MessageReader) -> bool:
        return self.state is None or m.number("new") == self.state

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (Package("", m.text("name")),)

    def link(self, m: MessageReader) -> str:
        return koji_page(m, "buildinfo", buildID=m.text("build_id"))

    def subject(self, m: MessageReader) -> Sequence[str]:
        # Who mends a build raises its release, so that says only what it's built for.
        what_for = built_for(m.text("release")) or "anything"
        return ("build", m.text("name"), what_for, m.text("instance") or "primary")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        owner = person(m, "owner")
        return {
            **super().template_values(m),
            "whose": f"{owner}'s build" if owner else "A build",
            "package": m.text("name") or "a package",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Package=m.text("name"),
            Version=m.text("version"),
            Release=m.text("release"),
            Built_by=person(m, "owner"),
            Started=m.text("creation_time"),
            Finished=m.text("completion_time"),
            Build=m.text("build_id"),
            Task=koji_page(m, "taskinfo", taskID=m.text("task_id")) if m.has("task_id") else "",
        )


class BuildStarted(Build):
    """A build started."""

    rule = "koji_build_started"
    title = "Build started"
    summary_template = "{whose} of {build} started{where}"
    group_summary_template = "{owner:people}'s builds of {package:packages} started{where}"
    example = sample(**{**Build.example, "old": None, "new": 0})
    state = 0


class BuildCompleted(Build):
    """A build completed."""

    rule = "koji_build_completed"
    title = "Build completed"
    summary_template = "{whose} of {build} completed{where}"
    group_summary_template = "{owner:people}'s builds of {package:packages} completed{where}"
    example = sample(**{**Build.example, "new": 1})
    state = 1
    default_outcome = Outcome.SUCCEEDED


class BuildDeleted(Build):
    """A build was deleted."""

    rule = "koji_build_deleted"
    title = "Build deleted"
    summary_template = "{whose} of {build} was deleted{where}"
    group_summary_template = "{owner:people}'s builds of {package:packages} were deleted{where}"
    severity = Severity.WARNING
    example = sample(**{**Build.example, "old": 1, "new": 2})
    state = 2


class BuildFailed(Build):
    """A build failed."""

    rule = "koji_build_failed"
    title = "Build failed"
    summary_template = "{whose} of {build} failed{where}"
    group_summary_template = "{owner:people}'s builds of {package:packages} failed{where}"
    severity = Severity.ERROR
    count_noun = "failed build"
    example = sample(**{**Build.example, "new": 3})
    state = 3
    default_outcome = Outcome.FAILED


class BuildCancelled(Build):
    """A build was cancelled."""

    rule = "koji_build_cancelled"
    title = "Build cancelled"
    summary_template = "{whose} of {build} was cancelled{where}"
    group_summary_template = "{owner:people}'s builds of {package:packages} were cancelled{where}"
    severity = Severity.WARNING
    example = sample(**{**Build.example, "new": 4})
    state = 4


class ScratchBuild(Koji):
    """A scratch build changed to some other state."""

    topics = ("buildsys.task.state.change",)
    title = "Scratch build in another state"
    summary_template = "{whose} of {source}{target} changed its state{where}"
    group_summary_template = (
        "{owner:people}'s scratch builds of {package:packages}{target} changed their "
        "states{where}")
    example = sample(
        id=9301, method="build", owner="mary", srpm="moss-2.4-1.fc44.src.rpm", attribute="state",
        instance="primary", old="FREE", new="ASSIGNED",
        info={"arch": "noarch", "request": ["cli-build/1/moss-2.4-1.fc44.src.rpm", "f44", {"scratch": True}]},
    )
    #: The state it stands for, by Koji's name.
    state: ClassVar[str] = ""

    def matches(self, m: MessageReader) -> bool:
        return not self.state or m.text("new") == self.state

    def link(self, m: MessageReader) -> str:
        return koji_page(m, "taskinfo", taskID=m.text("id"))

    def target(self, m: MessageReader) -> str:
        """What it's built for: the second argument of the task."""
        return m.text("info", "request", 1)

    def subject(self, m: MessageReader) -> Sequence[str]:
        package = package_name(build_of_file(m.text("srpm")))
        return ("scratch build", person(m, "owner"), package, self.target(m) or "anything",
                m.text("instance") or "primary")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        owner, target, file = person(m, "owner"), self.target(m), m.text("srpm")
        return {
            **super().template_values(m),
            "whose": f"{owner}'s scratch build" if owner else "A scratch build",
            "source": build_of_file(file) or "a package",
            "package": package_name(build_of_file(file)) or "a package",
            "target": f" for {target}" if target else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Source=m.text("srpm"),
            Target=self.target(m),
            Architecture=m.text("info", "arch"),
            Built_by=person(m, "owner"),
            Task=m.text("id"),
        )


class ScratchBuildStarted(ScratchBuild):
    """A scratch build started."""

    rule = "koji_scratch_build_started"
    title = "Scratch build started"
    summary_template = "{whose} of {source}{target} started{where}"
    group_summary_template = "{owner:people}'s scratch builds of {package:packages}{target} started{where}"
    example = sample(**{**ScratchBuild.example, "new": "OPEN"})
    state = "OPEN"


class ScratchBuildCompleted(ScratchBuild):
    """A scratch build completed."""

    rule = "koji_scratch_build_completed"
    title = "Scratch build completed"
    summary_template = "{whose} of {source}{target} completed{where}"
    group_summary_template = "{owner:people}'s scratch builds of {package:packages}{target} completed{where}"
    example = sample(**{**ScratchBuild.example, "old": "OPEN", "new": "CLOSED"})
    state = "CLOSED"
    default_outcome = Outcome.SUCCEEDED


class ScratchBuildFailed(ScratchBuild):
    """A scratch build failed."""

    rule = "koji_scratch_build_failed"
    title = "Scratch build failed"
    summary_template = "{whose} of {source}{target} failed{where}"
    group_summary_template = "{owner:people}'s scratch builds of {package:packages}{target} failed{where}"
    severity = Severity.ERROR
    count_noun = "failed scratch build"
    example = sample(**{**ScratchBuild.example, "old": "OPEN", "new": "FAILED"})
    state = "FAILED"
    default_outcome = Outcome.FAILED


class ScratchBuildCancelled(ScratchBuild):
    """A scratch build was cancelled."""

    rule = "koji_scratch_build_cancelled"
    title = "Scratch build cancelled"
    summary_template = "{whose} of {source}{target} was cancelled{where}"
    group_summary_template = (
        "{owner:people}'s scratch builds of {package:packages}{target} were "
        "cancelled{where}")
    severity = Severity.WARNING
    example = sample(**{**ScratchBuild.example, "old": "OPEN", "new": "CANCELED"})
    state = "CANCELED"


#: The last of each stands for what Koji may call a state one day.
BUILD_STATES = (BuildStarted, BuildCompleted, BuildDeleted, BuildFailed, BuildCancelled, Build)
SCRATCH_BUILD_STATES = (
    ScratchBuildStarted, ScratchBuildCompleted, ScratchBuildFailed, ScratchBuildCancelled, ScratchBuild,
)
