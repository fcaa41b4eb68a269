"""Event types of CentOS CI's pipelines, which built and tested pushes to dist-git from 2017 to 2020.

A topic names the pipeline, the step and its state: ``ci.pipeline.package.queued`` is the first pipeline's,
``ci.pipeline.allpackages-pr.package.test.functional.complete`` a later one's. For some time others had
categories of their own (``allpackages.pipeline.…``). All bodies are alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.commits import REVISION
from fmn.catalog.events import EventType, Outcome
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled

CENTOS_CI = "http://ci.centos.org/"

#: Icon of all messages from CentOS CI.
ICON = "https://ci.centos.org/static/ec6de755/images/headshot.png"

#: Pipelines by prefix of the topic; the first pipeline has no name.
PIPELINES = {"allpackages": "all packages", "container": "container"}

#: Steps by name in the topic, as the start of a sentence that continues with the package.
STEPS = {
    "": "The run of",
    "package": "The build of",
    "package.test.functional": "The functional tests of",
    "container.test.functional": "The functional tests of",
    "compose": "The compose with",
    "compose.test.integration": "The integration tests of the compose with",
    "image": "The image with",
    "image.test.smoke": "The smoke tests of the image with",
}

#: Text of a step's state by the topic's last part, for singular and plural.
STATES = {"queued": "will start", "running": "started", "ignore": "will not start"}

#: Text of a completed step's status, by status in lower case.
RESULTS = {
    "success": "succeeded", "passed": "succeeded", "aborted": "did not finish", "unstable": "ended unclear",
}

#: Statuses that are neither a success nor a failure.
UNDECIDED = frozenset({"aborted", "unstable"})

#: Characters of a shortened commit hash.
SHORT = 8


class PipelinePosition(NamedTuple):
    """Pipeline, step and state of a message."""

    pipeline: str
    step: str
    state: str


def pipeline_position(m: MessageReader) -> PipelinePosition:
    """Parse a message's topic."""
    steps = m.title.partition("pipeline.")[2]
    first, _, others = steps.partition(".")
    category, named = m.topic_part(0), first.partition("-")[0]
    if category not in PIPELINES and named in PIPELINES:
        steps = others
    pipeline = PIPELINES.get(category) or PIPELINES.get(named) or "Atomic"
    step, _, state = steps.rpartition(".")
    return PipelinePosition(pipeline, step, state)


def revision(m: MessageReader) -> str:
    """The revision in the pipeline: a commit, a pull request, or a build."""
    name = m.text("rev")
    kind, _, number = name.partition("-")
    kinds = {"PR": "pull request", "kojitask": "Koji task"}
    return f"{kinds[kind]} {number}" if kind in kinds and number else name[:SHORT]


def package_of(m: MessageReader) -> str:
    """The package in the pipeline, as part of a sentence: ``rpms/moss (5b1c0f6d, f44)``."""
    name = "/".join(filter(None, [m.text("namespace"), m.text("repo")])) or "a package"
    details = ", ".join(filter(None, [revision(m), m.text("branch")]))
    return f"{name} ({details})" if details else name


class PipelineStep(EventType):
    """Something happened in a pipeline of CentOS CI."""

    summary_template = "{step} {package} {did} in the {pipeline} pipeline"
    group_summary_template = "{step:alike} {package:packages} {did:alike} in the {pipeline:alike} pipeline"
    retired = True

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "username") or None

    def link(self, m: MessageReader) -> str:
        return m.text("build_url") or CENTOS_CI

    def outcome(self, m: MessageReader) -> Outcome | None:
        status = m.text("status").lower()
        if pipeline_position(m).state != "complete" or not status or status in UNDECIDED:
            return None
        return Outcome.SUCCEEDED if RESULTS.get(status) == "succeeded" else Outcome.FAILED

    def subject(self, m: MessageReader) -> Sequence[str]:
        pipeline, step, _ = pipeline_position(m)
        # A pull request's revision isn't in the repository yet.
        proposed = m.text("rev") if m.text("rev").startswith("PR-") else "none"
        package = (m.text("namespace") or "rpms", m.text("repo"), m.text("branch"))
        return (pipeline, step or "run", *package, proposed)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        pipeline, step, state = pipeline_position(m)
        status = m.text("status").lower()
        result = RESULTS.get(status, "failed") if status else "ended"
        return {
            **super().template_values(m),
            "step": STEPS.get(step) or f"The step {step} of",
            "package": package_of(m),
            "did": result if state == "complete" else STATES.get(state, "went on"),
            "pipeline": pipeline,
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Package=m.text("repo"),
            Branch=m.text("branch"),
            Revision=m.text("rev"),
            Build=m.text("nvr"),
            Status=m.text("status"),
            Result=m.text("package_url"),
        )


#: Body of examples.
STEP: dict[str, Any] = {
    "branch": "f44", "build_id": "91", "build_url": "https://jenkins.example.org/job/ci-pipeline-f44/91/",
    "namespace": "rpms", "repo": "moss", "rev": REVISION, "nvr": "", "ref": "x86_64", "status": "SUCCESS",
    "test_guidance": "''", "username": "mary",
}
