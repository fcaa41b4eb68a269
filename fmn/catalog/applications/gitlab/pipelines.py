"""Pipelines, their jobs, and deployments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from fmn.catalog.applications.gitlab.base import ALWAYS, GITLAB, GitLab
from fmn.catalog.commits import REVISION
from fmn.catalog.events import Outcome, Severity
from fmn.catalog.forges import login, payload, wrapped
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import bullets, labelled, paragraphs, quoted

#: GitLab's words for the state of a pipeline, a job or a deployment.
FAILED = frozenset({"failed"})
SUCCEEDED = frozenset({"success"})
CANCELLED = frozenset({"canceled", "canceling"})

#: States as the end of a sentence, where GitLab's word isn't.
STATES: Mapping[str, str] = {
    "success": "succeeded", "failed": "failed", "canceled": "was cancelled", "canceling": "was cancelled",
    "skipped": "was skipped", "running": "is running", "pending": "is pending", "created": "was created",
    "manual": "waits for somebody", "scheduled": "is scheduled", "preparing": "is being prepared",
    "waiting_for_resource": "waits for a resource",
}


class Stateful(GitLab):
    """Something that has a state: a pipeline, a job or a deployment."""

    threaded = True
    #: Its states in messages of this type; none for any.
    states: ClassVar[frozenset[str]] = frozenset()

    def state(self, m: MessageReader) -> str:
        """GitLab's word for its state."""
        return self.attributes(m).text("status")

    def matches(self, m: MessageReader) -> bool:
        return not self.states or self.state(m) in self.states

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "state": STATES.get(self.state(m), "changed its state")}


def pipeline(status: str) -> Mapping[str, Any]:
    """An example: a pipeline has this state."""
    return wrapped({
        "object_kind": "pipeline", **ALWAYS, "merge_request": None, "object_attributes": {
            "id": 3332, "iid": 873, "ref": "main", "tag": False, "sha": REVISION, "source": "push",
            "status": status, "url": f"{GITLAB}/mossers/moss/-/pipelines/3332"},
        "commit": {"id": REVISION, "title": "Grow on the north side", "author": {"name": "Mary Made-up"}},
        "builds": [{"id": 7, "stage": "test", "name": "leaves", "status": status}]})


class Pipeline(Stateful):
    """A pipeline started or ended."""

    topics = ("gitlab.pipeline",)
    summary_template = "The pipeline of {repository}{branch} {state}{title}"
    group_summary_template = "Pipelines of {repository:repositories} changed their state{branch}"

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield from super().usernames(m)
        yield m.account(payload(m).text("commit", "author", "email"))

    def link(self, m: MessageReader) -> str:
        number = self.attributes(m).text("id")
        root = self.repository(m).url
        return super().link(m) if self.attributes(m).text("url") or not root else page(
            root, "-", "pipelines", number)

    def subject(self, m: MessageReader) -> Sequence[str]:
        return (self.repository(m).url, "pipeline", self.attributes(m).text("ref"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        branch, title = self.attributes(m).text("ref"), quoted(payload(m).text("commit", "title"))
        return {
            **super().template_values(m),
            "branch": f" ({branch})" if branch else "",
            "title": f": {title}" if title else "",
        }

    def long(self, m: MessageReader) -> str:
        jobs = (f"{job.text('name')}: {job.text('status')}" for job in payload(m).nodes("builds"))
        commit = labelled(Commit=self.attributes(m).text("sha"), Source=self.attributes(m).text("source"))
        return paragraphs(commit, bullets(jobs))


class PipelineFailed(Pipeline):
    """A pipeline failed."""

    rule = "gitlab_pipeline_failed"
    title = "Pipeline failed"
    states = FAILED
    severity = Severity.ERROR
    default_outcome = Outcome.FAILED
    count_noun = "failed pipeline"
    group_summary_template = "Pipelines of {repository:repositories} failed{branch}"
    example = pipeline("failed")


class PipelineSucceeded(Pipeline):
    """A pipeline succeeded."""

    rule = "gitlab_pipeline_succeeded"
    title = "Pipeline succeeded"
    states = SUCCEEDED
    default_outcome = Outcome.SUCCEEDED
    group_summary_template = "Pipelines of {repository:repositories} succeeded{branch}"
    example = pipeline("success")


class PipelineCancelled(Pipeline):
    """Somebody stopped a pipeline."""

    rule = "gitlab_pipeline_cancelled"
    title = "Pipeline cancelled"
    states = CANCELLED
    severity = Severity.WARNING
    group_summary_template = "Pipelines of {repository:repositories} were cancelled{branch}"
    example = pipeline("canceled")


class PipelineChanged(Pipeline):
    """A pipeline started, waits or was skipped."""

    rule = "gitlab_pipeline_changed"
    title = "Pipeline started or waiting"
    severity = Severity.DEBUG
    example = pipeline("running")


def job(status: str) -> Mapping[str, Any]:
    """An example: a job has this state."""
    return wrapped({
        "object_kind": "build", **ALWAYS, "ref": "main", "sha": REVISION, "build_id": 7,
        "build_name": "leaves", "build_stage": "test", "build_status": status, "pipeline_id": 3332,
        "build_failure_reason": "script_failure" if status == "failed" else "unknown_failure"})


class Job(Stateful):
    """A job of a pipeline started or ended."""

    topics = ("gitlab.build", "gitlab.job")
    summary_template = "The job {job} of {repository}{branch} {state}"
    group_summary_template = "Jobs of {repository:repositories} changed their state{branch}: {job:jobs}"

    def state(self, m: MessageReader) -> str:
        return payload(m).text("build_status")

    def link(self, m: MessageReader) -> str:
        root = self.repository(m).url
        return page(root, "-", "jobs", payload(m).text("build_id")) if root else super().link(m)

    def subject(self, m: MessageReader) -> Sequence[str]:
        sent = payload(m)
        return (self.repository(m).url, "job", sent.text("build_name"), sent.text("ref"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        branch = payload(m).text("ref")
        return {
            **super().template_values(m),
            "job": payload(m).text("build_name") or "of some name",
            "branch": f" ({branch})" if branch else "",
        }

    def long(self, m: MessageReader) -> str:
        sent = payload(m)
        failed = self.state(m) in FAILED
        return labelled(
            Stage=sent.text("build_stage"), Commit=sent.text("sha"),
            Reason=sent.text("build_failure_reason") if failed else "")


class JobFailed(Job):
    """A job of a pipeline failed."""

    rule = "gitlab_job_failed"
    title = "Job failed"
    states = FAILED
    severity = Severity.WARNING
    default_outcome = Outcome.FAILED
    count_noun = "failed job"
    group_summary_template = "Jobs of {repository:repositories} failed{branch}: {job:jobs}"
    example = job("failed")


class JobSucceeded(Job):
    """A job of a pipeline succeeded."""

    rule = "gitlab_job_succeeded"
    title = "Job succeeded"
    states = SUCCEEDED
    severity = Severity.DEBUG
    default_outcome = Outcome.SUCCEEDED
    group_summary_template = "Jobs of {repository:repositories} succeeded{branch}: {job:jobs}"
    example = job("success")


class JobChanged(Job):
    """A job of a pipeline started, waits, or was skipped or cancelled."""

    rule = "gitlab_job_changed"
    title = "Job started or waiting"
    severity = Severity.DEBUG
    example = job("running")


def deployment(status: str) -> Mapping[str, Any]:
    """An example: a deployment has this state."""
    return wrapped({
        "object_kind": "deployment", **ALWAYS, "status": status, "deployment_id": 15,
        "environment": "greenhouse", "deployable_url": f"{GITLAB}/mossers/moss/-/jobs/8", "ref": "main",
        "short_sha": REVISION[:8], "commit_title": "Grow on the north side"})


class Deployment(Stateful):
    """A deployment started, succeeded or was stopped."""

    topics = ("gitlab.deployment",)
    rule = "gitlab_deployment"
    title = "Deployment"
    summary_template = "{whose} deployment of {repository}{environment} {state}"
    group_summary_template = "Deployments of {repository:repositories}{environment}: {state:states}"
    example = deployment("success")

    def state(self, m: MessageReader) -> str:
        return payload(m).text("status")

    def outcome(self, m: MessageReader) -> Outcome | None:
        return Outcome.SUCCEEDED if self.state(m) in SUCCEEDED else self.default_outcome

    def participants(self, m: MessageReader) -> Iterable[str]:
        return (login(payload(m), "user"),)

    def link(self, m: MessageReader) -> str:
        return payload(m).text("deployable_url") or super().link(m)

    def subject(self, m: MessageReader) -> Sequence[str]:
        return (self.repository(m).url, "deployment", payload(m).text("environment"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, environment = super().template_values(m), payload(m).text("environment")
        return {
            **words, "whose": f"{words['who']}'s", "environment": f" to {environment}" if environment else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(Commit=payload(m).text("short_sha"), Title=payload(m).text("commit_title"))


class DeploymentFailed(Deployment):
    """A deployment failed."""

    rule = "gitlab_deployment_failed"
    title = "Deployment failed"
    states = FAILED
    severity = Severity.ERROR
    default_outcome = Outcome.FAILED
    count_noun = "failed deployment"
    group_summary_template = "Deployments of {repository:repositories}{environment} failed"
    example = deployment("failed")


EVENTS = (
    PipelineFailed,
    PipelineSucceeded,
    PipelineCancelled,
    PipelineChanged,
    JobFailed,
    JobSucceeded,
    JobChanged,
    DeploymentFailed,
    Deployment,
)
