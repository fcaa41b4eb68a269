"""Jenkins, which built and tested projects at every commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fmn.catalog.events import Application, EventType, Outcome, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled

JENKINS = "http://jenkins.cloud.fedoraproject.org"


class Build(EventType):
    """Something happened to a build of a project."""

    summary_template = "The build {build} {state}{took}"
    #: What happened to the build, as the end of a sentence.
    state = "changed"
    example = sample(project="moss", build=165, took="9.4 sec")

    def agent(self, m: MessageReader) -> str | None:
        return None

    def link(self, m: MessageReader) -> str:
        project, number = m.text("project"), m.text("build")
        return page(JENKINS, f"job/{project}/{number}/") if project and number else JENKINS

    def subject(self, m: MessageReader) -> Sequence[str]:
        return (m.text("project"), m.text("configuration") or "any")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        number, took = m.text("build"), m.text("took")
        return {
            "build": " ".join(filter(None, (f"#{number}" if number else "", f"of {self._project(m)}"))),
            "state": self.state,
            "took": f" after {took}" if took else "",
        }

    def _project(self, m: MessageReader) -> str:
        return m.text("project") or "a project"

    def long(self, m: MessageReader) -> str:
        return labelled(Configuration=m.text("configuration"))


class BuildStart(Build):
    """A build was started."""

    topics = ("jenkins.build.start",)
    rule = "jenkins_build_start"
    title = "Build started"
    state = "was started"
    group_summary_template = "Builds were started: {build:builds}"
    severity = Severity.DEBUG
    example = sample(project="moss", build=165)


class BuildPassed(Build):
    """A build succeeded."""

    topics = ("jenkins.build.passed",)
    rule = "jenkins_build_passed"
    title = "Build passed"
    state = "passed"
    default_outcome = Outcome.SUCCEEDED
    group_summary_template = "Builds passed: {build:builds}"


class BuildFailed(Build):
    """A build failed."""

    topics = ("jenkins.build.failed",)
    rule = "jenkins_build_failed"
    title = "Build failed"
    state = "failed"
    default_outcome = Outcome.FAILED
    group_summary_template = "Builds failed: {build:builds}"
    severity = Severity.ERROR
    count_noun = "failed build"


class BuildUnstable(Build):
    """A build succeeded, but some of its tests failed."""

    topics = ("jenkins.build.unstable",)
    rule = "jenkins_build_unstable"
    title = "Build unstable"
    state = "was unstable"
    group_summary_template = "Builds were unstable: {build:builds}"
    severity = Severity.WARNING
    count_noun = "unstable build"


class BuildAborted(Build):
    """Somebody stopped a build."""

    topics = ("jenkins.build.aborted",)
    rule = "jenkins_build_aborted"
    title = "Build aborted"
    state = "was aborted"
    group_summary_template = "Builds were aborted: {build:builds}"
    severity = Severity.WARNING


class BuildNotBuilt(Build):
    """A part of a build wasn't built, because one before it failed."""

    topics = ("jenkins.build.notbuilt",)
    rule = "jenkins_build_notbuilt"
    title = "Build not run"
    state = "was not built"
    severity = Severity.WARNING


class BuildUnknown(Build):
    """A build ended in a way that the sender didn't know."""

    topics = ("jenkins.build.unknown",)
    title = "Build ended otherwise"
    state = "ended somehow"


APPLICATION = Application(
    category="jenkins",
    title="Jenkins",
    help="Builds of upstream projects at every commit.",
    icon="https://wiki.jenkins-ci.org/download/attachments/2916393/logo.png?version=1",
    other=Build,
    retired=True,
    events=(BuildStart, BuildPassed, BuildFailed, BuildUnstable, BuildAborted, BuildNotBuilt, BuildUnknown),
)
