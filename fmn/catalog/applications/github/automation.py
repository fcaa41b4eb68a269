"""What runs by itself: workflows, checks, statuses of commits, deployments, and alerts of scanners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fmn.catalog.applications.github.base import MARY, GitHub, done, webhook
from fmn.catalog.commits import REVISION
from fmn.catalog.events import Outcome, Severity
from fmn.catalog.forges import login, named_commit, payload
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import labelled, quoted

#: How a workflow ends that somebody has to see to.
FAILURES: Final = frozenset({"failure", "timed_out", "startup_failure"})

#: Made up for examples.
RUN: dict[str, Any] = {
    "id": 33, "name": "Tests", "head_branch": "main", "head_sha": REVISION, "run_number": 7, "event": "push",
    "status": "completed", "conclusion": "success", "actor": MARY, "triggering_actor": MARY,
    "html_url": "https://github.com/mossers/moss/actions/runs/33",
}


class Workflow(GitHub):
    """A run of a workflow was requested, began, or ended without failing."""

    topics = ("github.workflow_run",)
    title = "Workflow run"
    summary_template = "The workflow {workflow} of {repository}{branch} {ended}"
    group_summary_template = "Workflows of {repository:repositories}{branch} {ended:alike}"
    severity = Severity.DEBUG
    example = webhook(action="completed", workflow_run=RUN)

    def participants(self, m: MessageReader) -> Iterator[str]:
        """Whose push or request it runs for."""
        yield from super().participants(m)
        for key in ("actor", "triggering_actor"):
            yield login(payload(m), "workflow_run", key)

    def link(self, m: MessageReader) -> str:
        return payload(m).text("workflow_run", "html_url") or super().link(m)

    def outcome(self, m: MessageReader) -> Outcome | None:
        succeeded = payload(m).text("workflow_run", "conclusion") == "success"
        return Outcome.SUCCEEDED if succeeded else self.default_outcome

    def subject(self, m: MessageReader) -> Sequence[str]:
        run = payload(m).at("workflow_run")
        return ("workflow", self.repository(m).name, run.text("name"), run.text("head_branch"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        run = payload(m).at("workflow_run")
        branch = run.text("head_branch")
        ended = run.text("conclusion") or payload(m).text("action") or "ran"
        return {
            **super().template_values(m),
            "workflow": run.text("name") or "of some name",
            "branch": f" ({branch})" if branch else "",
            "ended": f"ended: {ended.replace('_', ' ')}" if run.text("conclusion") else f"was {ended}",
        }


class WorkflowFailed(Workflow):
    """A workflow failed."""

    topics = ("github.workflow_run",)
    rule = "github_workflow_failed"
    title = "Workflow failed"
    summary_template = "The workflow {workflow} of {repository}{branch} failed"
    group_summary_template = "Workflows of {repository:repositories}{branch} failed"
    severity = Severity.ERROR
    count_noun = "failed workflow"
    default_outcome = Outcome.FAILED
    example = webhook(action="completed", workflow_run={**RUN, "conclusion": "failure"})

    def matches(self, m: MessageReader) -> bool:
        return payload(m).text("workflow_run", "conclusion") in FAILURES


class Job(GitHub):
    """A job of a workflow was queued, began or ended."""

    topics = ("github.workflow_job",)
    title = "Workflow job"
    summary_template = "The job {job} of {repository} {done}{result}"
    group_summary_template = "Jobs of {repository:repositories} {done:alike}{result}"
    severity = Severity.DEBUG
    example = webhook(action="completed", workflow_job={
        "id": 34, "name": "pytest", "head_sha": REVISION, "conclusion": "success",
        "html_url": "https://github.com/mossers/moss/actions/runs/33/job/34"})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("workflow_job", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        job = payload(m).at("workflow_job")
        result = job.text("conclusion").replace("_", " ")
        return {
            **super().template_values(m),
            "job": job.text("name") or "of some name",
            "done": f"is {done(m)}",
            "result": f": {result}" if result else "",
        }


class Status(GitHub):
    """A service said what it found in a commit, such as a test's result."""

    topics = ("github.status",)
    rule = "github_status"
    title = "Status of a commit"
    summary_template = "{service} set the status of {commit} of {repository}{state}{said}"
    group_summary_template = (
        "{service:services} set the status of commits of "
        "{repository:repositories}{state}")
    example = webhook(sha=REVISION, state="success", context="greenhouse/push",
        description="All leaves are green", target_url="https://ci.example.org/moss/12",
        commit={"sha": REVISION, "html_url": f"https://github.com/mossers/moss/commit/{REVISION}"})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("target_url") or payload(m).text("commit", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, body = super().template_values(m), payload(m)
        state, said = body.text("state"), quoted(body.text("description"))
        return {
            **words,
            "service": payload(m).text("context") or words["who"],
            "commit": named_commit(payload(m).text("sha") or payload(m).text("commit", "sha")),
            "state": f" to {state}" if state else "",
            "said": f": {said}" if said else "",
        }


class Check(GitHub):
    """A service began or finished a check of a commit."""

    topics = ("github.check_run", "github.check_suite")
    title = "Check of a commit"
    summary_template = "{service} {did} checking {commit} of {repository}{result}"
    group_summary_template = (
        "{service:services} {did:alike} checking commits of "
        "{repository:repositories}{result}")
    severity = Severity.DEBUG
    example = webhook(action="completed", check_run={
        "name": "green leaves", "head_sha": REVISION, "status": "completed", "conclusion": "success",
        "html_url": "https://github.com/mossers/moss/runs/12"})

    def check(self, m: MessageReader) -> JsonNode:
        """What was checked, and how it went."""
        return payload(m).at("check_run") if payload(m).keys("check_run") else payload(m).at("check_suite")

    def link(self, m: MessageReader) -> str:
        return self.check(m).text("html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        check = self.check(m)
        result = check.text("conclusion")
        return {
            **super().template_values(m),
            "service": check.text("app", "name") or check.text("name") or "A service",
            "did": "finished" if payload(m).text("action") == "completed" else "began",
            "commit": named_commit(check.text("head_sha")),
            "result": f": {result}" if result else "",
        }


class Deployment(GitHub):
    """Somebody asked for code to be deployed."""

    topics = ("github.deployment",)
    title = "Deployment requested"
    summary_template = "{who} asked to deploy {repository}{environment}"
    group_summary_template = "{who:people} asked to deploy {repository:repositories}{environment}"
    example = webhook(deployment={
        "id": 1, "environment": "greenhouse", "ref": REVISION, "sha": REVISION, "task": "deploy"})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        environment = payload(m).text("deployment", "environment")
        return {**super().template_values(m), "environment": f" to {environment}" if environment else ""}

    def long(self, m: MessageReader) -> str:
        deployment = payload(m).at("deployment")
        return labelled(Revision=deployment.text("sha"), Task=deployment.text("task"))


class DeploymentStatus(Deployment):
    """A deployment of code made progress, succeeded or failed."""

    topics = ("github.deployment_status",)
    title = "Deployment status"
    summary_template = "The deployment of {repository}{environment} by {creator}{state}"
    group_summary_template = (
        "Deployments of {repository:repositories}{environment} by "
        "{creator:people}{state}")
    example = webhook(
        deployment={"id": 1, "environment": "greenhouse", "ref": REVISION, "sha": REVISION, "task": "deploy"},
        deployment_status={"id": 2, "state": "success", "target_url": "https://greenhouse.example.org/",
                           "creator": {"login": "mossymary"}, "description": None})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("deployment_status", "target_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, state = super().template_values(m), payload(m).text("deployment_status", "state")
        return {
            **words,
            "creator": self.person(m, "deployment_status", "creator") or words["who"],
            "state": f": {state}" if state else "",
        }


class PageBuild(GitHub):
    """GitHub built the pages of a repository, or couldn't."""

    topics = ("github.page_build",)
    title = "Pages built"
    summary_template = "{who} had the pages of {repository} built{status}"
    group_summary_template = "{who:people} had the pages of {repository:repositories} built{status}"
    severity = Severity.DEBUG
    example = webhook(id=12773963, build={
        "commit": REVISION, "status": "built", "duration": 3718, "error": {"message": None},
        "pusher": {"login": "mossymary"}})

    def link(self, m: MessageReader) -> str:
        owner, name = payload(m).text("repository", "owner", "login"), payload(m).text("repository", "name")
        return f"http://{owner}.github.io/{name}/" if owner and name else super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        build = payload(m).at("build")
        status, error = build.text("status"), quoted(build.text("error", "message"))
        told = ": ".join(filter(None, (status, error)))
        return {**super().template_values(m), "status": f": {told}" if told and status != "built" else ""}


class Alert(GitHub):
    """A scanner found something in a repository, or somebody settled what it had found."""

    topics = (
        "github.dependabot_alert", "github.code_scanning_alert", "github.secret_scanning_alert",
        "github.repository_vulnerability_alert", "github.repository_advisory")
    rule = "github_alert"
    title = "Security alert"
    summary_template = "A security alert of {repository} was {done}{alert}"
    group_summary_template = "Security alerts of {repository:repositories} were {done:alike}"
    severity = Severity.WARNING
    count_noun = "security alert"
    example = webhook(action="created", alert={
        "number": 8, "state": "open", "rule": {"description": "Too much water"},
        "html_url": "https://github.com/mossers/moss/security/code-scanning/8"})

    def alert(self, m: MessageReader) -> JsonNode:
        """What was found."""
        return payload(m).at("alert" if payload(m).keys("alert") else "repository_advisory")

    def link(self, m: MessageReader) -> str:
        return self.alert(m).text("html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        alert = self.alert(m)
        about = quoted(
            alert.text("security_advisory", "summary") or alert.text("rule", "description")
            or alert.text("secret_type_display_name") or alert.text("summary"))
        return {**super().template_values(m), "done": done(m), "alert": f": {about}" if about else ""}


EVENTS = (
    Status, Check, WorkflowFailed, Workflow, Job, Deployment, DeploymentStatus, PageBuild, Alert,
)
