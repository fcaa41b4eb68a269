"""Runs of workflows by Forgejo Actions: failed, recovered, succeeded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fmn.catalog.applications.forgejo.base import FORGE, MARY, REPOSITORY, Forgejo
from fmn.catalog.commits import REVISION
from fmn.catalog.events import Outcome, Severity
from fmn.catalog.forges import login, payload, wrapped
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import labelled, quoted

#: Made up for examples.
RUN: dict[str, Any] = {
    "id": 3332, "index_in_repo": 873, "title": "Water the south side", "workflow_id": "leaves.yaml",
    "prettyref": "main", "event": "push", "trigger_event": "push", "trigger_user": MARY,
    "commit_sha": REVISION, "repository": REPOSITORY, "html_url": f"{FORGE}/mossers/moss/actions/runs/873",
}


def about(status: str) -> Mapping[str, Any]:
    """An example: a run ended like this."""
    return wrapped({"action": status, "prior_status": "running", "run": {**RUN, "status": status}})


class ActionRun(Forgejo):
    """A run of a workflow ended."""

    threaded = True
    summary_template = "The workflow {workflow} of {repository}{branch} {ended}{title}"
    group_summary_template = "Workflows of {repository:repositories} {ended:alike}: {workflow:workflows}"
    #: What the run did, as the end of a sentence.
    ended = "ended"

    def run(self, m: MessageReader) -> JsonNode:
        """The run that ended."""
        return payload(m).at("run")

    def participants(self, m: MessageReader) -> Iterable[str]:
        return (login(self.run(m), "trigger_user"),)

    def link(self, m: MessageReader) -> str:
        return self.run(m).text("html_url") or super().link(m)

    def subject(self, m: MessageReader) -> Sequence[str]:
        run = self.run(m)
        return (self.repository(m).url, run.text("workflow_id"), run.text("prettyref"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        run = self.run(m)
        branch, title = run.text("prettyref"), quoted(run.text("title"))
        return {
            **super().template_values(m),
            "workflow": run.text("workflow_id") or "of some name",
            "branch": f" ({branch})" if branch else "",
            "ended": self.ended,
            "title": f": {title}" if title else "",
        }

    def long(self, m: MessageReader) -> str:
        run = self.run(m)
        return labelled(
            Commit=run.text("commit_sha"),
            Triggered_by=run.text("trigger_event") or run.text("event"),
            Ended=run.text("status"),
        )


class ActionRunFailure(ActionRun):
    """A run of a workflow failed."""

    topics = ("forgejo.action_run_failure",)
    title = "Workflow failed"
    ended = "failed"
    severity = Severity.ERROR
    default_outcome = Outcome.FAILED
    count_noun = "failed workflow"
    example = about("failure")


class ActionRunRecover(ActionRun):
    """A run of a workflow succeeded after one that had failed."""

    topics = ("forgejo.action_run_recover",)
    title = "Workflow works again"
    ended = "works again"
    group_summary_template = "Workflows of {repository:repositories} work again: {workflow:workflows}"
    default_outcome = Outcome.SUCCEEDED
    example = about("success")


class ActionRunSuccess(ActionRun):
    """A run of a workflow succeeded."""

    topics = ("forgejo.action_run_success",)
    title = "Workflow succeeded"
    ended = "succeeded"
    default_outcome = Outcome.SUCCEEDED
    example = about("success")


class ActionRunCancelled(ActionRun):
    """Somebody stopped a run of a workflow."""

    topics = ("forgejo.action_run_cancelled",)
    title = "Workflow cancelled"
    ended = "was cancelled"
    group_summary_template = "Workflows of {repository:repositories} were cancelled: {workflow:workflows}"
    severity = Severity.WARNING
    example = about("cancelled")


class ActionRunOther(ActionRun):
    """A run of a workflow was skipped, is blocked, or did something else."""

    topics = (
        "forgejo.action_run_skipped", "forgejo.action_run_blocked", "forgejo.action_run_waiting",
        "forgejo.action_run_running", "forgejo.workflow_run", "forgejo.workflow_job",
    )
    rule = "forgejo_action_run_other"
    title = "Workflow skipped or started"
    ended = "changed its state"
    group_summary_template = (
        "Workflows of {repository:repositories} changed their state: {workflow:workflows}")
    severity = Severity.DEBUG
    example_topic = "forgejo.workflow_run"
    example = about("skipped")

    def run(self, m: MessageReader) -> JsonNode:
        found = ("run", "workflow_run", "workflow_job")
        return next((payload(m).at(key) for key in found if payload(m).keys(key)), JsonNode(None))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        run, words = self.run(m), super().template_values(m)
        return {**words, "workflow": run.text("workflow_id") or run.text("name") or words["workflow"]}


EVENTS = (ActionRunFailure, ActionRunRecover, ActionRunSuccess, ActionRunCancelled, ActionRunOther)
