"""openQA, which tests composes and updates on (virtual) machines: jobs and what people say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, Outcome, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, quoted

#: Results that ask for somebody's attention. Others are passed, softfailed, skipped, obsoleted and
#: what ended a job before it had one.
BAD_RESULTS = frozenset({"failed", "incomplete", "timeout_exceeded", "parallel_failed"})

#: Results of a job that needs nobody.
GOOD_RESULTS = frozenset({"passed", "softfailed"})

#: What a job came to, by its result; others are told as they are.
RESULTS = {"passed": "passed", "failed": "failed", "softfailed": "passed with problems"}

#: A job for examples.
JOB: dict[str, Any] = {
    "id": 10826, "ARCH": "x86_64", "BUILD": "Fedora-44-20260314.n.0", "FLAVOR": "universal",
    "MACHINE": "64bit", "TEST": "install_xfs", "ISO": "Fedora-Everything-netinst-x86_64-44-20260314.n.0.iso",
    "group_id": 1, "remaining": 23,
}


class OpenQA(EventType):
    """Anything from openQA."""

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "user") or None

    def secondary_icon(self, m: MessageReader) -> str:
        # openQA calls people as they like, so the account of that name may show somebody else.
        return ""

    def link(self, m: MessageReader) -> str:
        return web(m)


def web(m: MessageReader) -> str:
    """The address of the openQA that sent a message."""
    return f"https://openqa{'.stg' if m.environment == 'stg' else ''}.fedoraproject.org"


def build_of(m: MessageReader) -> str:
    """What a job tests: a compose or an update. Until 2016 the key was in lower case."""
    return m.text("BUILD") or m.text("build")


class Job(OpenQA):
    """Something happened to a job."""

    severity = Severity.DEBUG
    example = sample(**JOB)

    def link(self, m: MessageReader) -> str:
        return page(web(m), "tests", m.text("id"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        number, test, machine = m.text("id"), m.text("TEST"), m.text("MACHINE")
        what = f" ({test}{f' on {machine}' if machine else ''})" if test else ""
        build, again = build_of(m), m.text("result")
        return {
            **super().template_values(m),
            "name": (number or "a job") + what,
            "job": (f"The job {number}" if number else "A job") + what,
            "build": f" for {build}" if build else "",
            "again": f" as {again}" if again else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Test=m.text("TEST"),
            Build=build_of(m),
            Flavour=m.text("FLAVOR"),
            Machine=m.text("MACHINE"),
            Architecture=m.text("ARCH"),
            Image=m.text("ISO") or m.text("HDD_1"),
        )


class JobCreate(Job):
    """A job was added to those to be run."""

    topics = ("openqa.job.create",)
    title = "Job created"
    summary_template = "{job}{build} was created"
    group_summary_template = "Jobs{build} were created: {name:jobs}"


class JobFailed(Job):
    """A job failed, or ended before it had a result."""

    topics = ("openqa.job.done",)
    rule = "openqa_job_failed"
    title = "Job failed"
    summary_template = "{job}{build} {result}{remaining}"
    group_summary_template = "Jobs{build} {result:alike}: {name:jobs}"
    severity = Severity.WARNING
    count_noun = "failed job"
    example = sample(**JOB, result="failed", newbuild=None, reason=None)
    default_outcome = Outcome.FAILED

    def matches(self, m: MessageReader) -> bool:
        return m.text("result") in BAD_RESULTS

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        result, remaining = m.text("result"), m.text("remaining")
        told = f"ended as {result.replace('_', ' ')}" if result else "is done"
        return {
            **super().template_values(m),
            "result": RESULTS.get(result, told),
            "remaining": f" ({remaining} more to be run)" if remaining else "",
        }

    def subject(self, m: MessageReader) -> Sequence[str]:
        # A job that runs once more has another number.
        parts = (m.text("TEST"), build_of(m), m.text("MACHINE"))
        return (*parts, m.text("FLAVOR") or "any", m.text("ARCH") or "any")

    def long(self, m: MessageReader) -> str:
        result = labelled(
            Result=m.text("result"), Reason=m.text("reason"), Bug=m.text("bugurl") or m.text("bugref"))
        return f"{result}\n{super().long(m)}"


class JobDone(JobFailed):
    """A job passed, or ended in some other way that needs no attention."""

    rule = "openqa_job_done"
    title = "Job done"
    severity = Severity.INFO
    example = sample(**JOB, result="passed", newbuild=None, reason=None)

    def matches(self, m: MessageReader) -> bool:
        return True

    def outcome(self, m: MessageReader) -> Outcome | None:
        return Outcome.SUCCEEDED if m.text("result") in GOOD_RESULTS else None


class JobUpdateResult(Job):
    """Somebody or something changed the result of a job."""

    topics = ("openqa.job.update.result", "openqa.job.update_result")
    title = "Result of a job changed"
    summary_template = "The result of the job {number}{build} was changed{result}"
    group_summary_template = "The results of jobs{build} were changed{result}: {name:jobs}"
    example = sample(**JOB, result="softfailed")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        result = m.text("result")
        return {
            **super().template_values(m),
            "number": m.text("id") or "of some number",
            "result": f" to {result}" if result else "",
        }


class JobDuplicate(Job):
    """A job will be run once more, as a new job."""

    topics = ("openqa.job.duplicate",)
    title = "Job duplicated"
    summary_template = "{job}{build} was duplicated{how}{again}"
    group_summary_template = "Jobs{build} were duplicated{how}: {name:jobs}"
    example = sample(**JOB, auto="1", result="10695")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        how = {"0": " by hand", "1": " automatically"}.get(m.text("auto"), "")
        return {**super().template_values(m), "how": how}


class JobRestart(Job):
    """Somebody restarted a job, as a new job."""

    topics = ("openqa.job.restart",)
    title = "Job restarted"
    summary_template = "{job}{build} was restarted{again}"
    group_summary_template = "Jobs{build} were restarted: {name:jobs}"
    example = sample(**JOB, result="10619")


class JobCancel(Job):
    """A job was cancelled."""

    topics = ("openqa.job.cancel",)
    title = "Job cancelled"
    summary_template = "{job}{build} was cancelled"
    group_summary_template = "Jobs{build} were cancelled: {name:jobs}"


class JobDelete(Job):
    """A job was deleted."""

    topics = ("openqa.job.delete",)
    title = "Job deleted"
    summary_template = "{job}{build} was deleted"
    group_summary_template = "Jobs{build} were deleted: {name:jobs}"


class Comment(OpenQA):
    """Something happened to a comment."""

    example = sample(
        id=1, job_id=15052, group_id=None, parent_group_id=None, text="The disk was too small.", user="mary",
        created="2026-03-14T09:26:53Z", updated="2026-03-14T09:26:53Z",
    )

    def link(self, m: MessageReader) -> str:
        job, group, parent = (m.text(key) for key in ("job_id", "group_id", "parent_group_id"))
        if job:
            return page(web(m), "tests", job, anchor="comments")
        if group:
            return page(web(m), "group_overview", group)
        return page(web(m), "parent_group_overview", parent)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        job, group, text = m.text("job_id"), m.text("group_id"), quoted(m.text("text"))
        return {
            **super().template_values(m),
            "what": f"the job {job}" if job else f"the group of jobs {group}" if group else "something",
            "text": f": {text}" if text else "",
        }

    def long(self, m: MessageReader) -> str:
        return m.text("text")


class CommentCreate(Comment):
    """Somebody commented on a job or a group of jobs."""

    topics = ("openqa.comment.create",)
    title = "New comment"
    summary_template = "{who} commented on {what} on openQA{text}"
    group_summary_template = "{who:people} commented on {what:jobs} on openQA"


class CommentUpdate(Comment):
    """Somebody changed a comment."""

    topics = ("openqa.comment.update",)
    title = "Comment changed"
    summary_template = "{who} changed a comment on {what} on openQA{text}"
    group_summary_template = "{who:people} changed comments on {what:jobs} on openQA"


class CommentDelete(Comment):
    """Somebody deleted a comment."""

    topics = ("openqa.comment.delete",)
    title = "Comment deleted"
    summary_template = "{who} deleted a comment on {what} on openQA{text}"
    group_summary_template = "{who:people} deleted comments on {what:jobs} on openQA"


APPLICATION = Application(
    category="openqa",
    title="openQA",
    help="Tests of composes and updates on whole machines, and comments on them.",
    icon="https://apps.fedoraproject.org/img/icons/openqa.png",
    other=OpenQA,
    events=(
        JobCreate, JobFailed, JobDone, JobUpdateResult, JobDuplicate, JobRestart, JobCancel, JobDelete,
        CommentCreate, CommentUpdate, CommentDelete,
    ),
)
