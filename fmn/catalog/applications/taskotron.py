"""Taskotron, which ran tasks on builds, updates and composes until 2020, and told their outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from fmn.catalog.builds import package_name
from fmn.catalog.events import (
    SEVERAL,
    Application,
    ApplicationRule,
    Argument,
    EventType,
    Facts,
    Outcome,
    Package,
    sample,
)
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import package_icon
from fmn.text import labelled, split_list

#: Tasks whose failure was to be looked at before a release.
RELEASE_CRITICAL_TASKS = frozenset({"dist.abicheck", "dist.rpmdeplint", "dist.upgradepath"})

#: What is looked for when nothing is said: outcomes that ask for somebody's attention.
DEFAULT_OUTCOMES = "FAILED,NEEDS_INSPECTION"


class ResultNew(EventType):
    """A task ended with some outcome."""

    topics = ("taskotron.result.new",)
    rule = "taskotron_result_new"
    title = "New result of a task"
    threaded = False
    summary_template = "{task} {outcome} for {item}{before}"
    group_summary_template = "Results of {task:tasks} for {item:items}: {outcome:alike}"
    retired = True
    example = sample(
        task={"name": "dist.rpmlint", "item": "moss-2.4-1.fc30", "type": "koji_build"},
        result={
            "id": 5202, "outcome": "FAILED", "prev_outcome": "PASSED",
            "log_url": "https://taskotron.example.org/artifacts/5202/moss.log",
            "submit_time": "2019-03-14 09:26:53 UTC",
        },
    )

    def packages(self, m: MessageReader) -> Iterable[Package]:
        if m.text("task", "type") == "koji_build":
            yield Package("", package_name(m.text("task", "item")))

    def link(self, m: MessageReader) -> str:
        return m.text("result", "log_url")

    def outcome(self, m: MessageReader) -> Outcome | None:
        return {"FAILED": Outcome.FAILED, "PASSED": Outcome.SUCCEEDED}.get(m.text("result", "outcome"))

    def subject(self, m: MessageReader) -> Sequence[str]:
        return (m.text("task", "name"), m.text("task", "type"), m.text("task", "item"))

    def secondary_icon(self, m: MessageReader) -> str:
        names = (package_icon(package.name) for package in self.packages(m))
        return next(filter(None, names), self.icon(m))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        before = m.text("result", "prev_outcome")
        changed = before and before != m.text("result", "outcome")
        return {
            **super().template_values(m),
            "task": m.text("task", "name") or "A task",
            "outcome": m.text("result", "outcome").replace("_", " ").lower() or "is done",
            "item": m.text("task", "item") or "something",
            "before": f", after it {before.replace('_', ' ').lower()}" if changed else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Task=m.text("task", "name"),
            Item=m.text("task", "item"),
            Outcome=m.text("result", "outcome"),
            Outcome_before=m.text("result", "prev_outcome"),
            Job=m.text("result", "job_url"),
        )


def is_result(facts: Facts) -> bool:
    """Whether a message tells the outcome of a task."""
    return facts.message.title == "taskotron.result.new"


def is_task(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether it's the outcome of one of the tasks, which may be shell patterns; case doesn't count."""
    name = facts.reader.text("task", "name").lower()
    wanted = split_list(arguments.get("task", "").lower())
    return is_result(facts) and any(fnmatchcase(name, pattern) for pattern in wanted)


def has_outcome(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether a task ended with one of the outcomes; case doesn't count."""
    outcome = facts.reader.text("result", "outcome").lower()
    return is_result(facts) and outcome in split_list(arguments.get("outcome", "").lower())


def has_changed(facts: Facts, _arguments: Mapping[str, str]) -> bool:
    """Whether a task ended otherwise than it did the last time for the same item."""
    outcome, before = (facts.reader.text("result", key) for key in ("outcome", "prev_outcome"))
    return is_result(facts) and before not in {"", outcome}


def has_outcome_or_changed(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether a task ended with one of the outcomes, or otherwise than the last time."""
    outcomes = arguments.get("outcome", DEFAULT_OUTCOMES)
    return has_outcome(facts, {"outcome": outcomes}) or has_changed(facts, arguments)


def is_release_critical(facts: Facts, _arguments: Mapping[str, str]) -> bool:
    """Whether it's the outcome of a task that had to pass before a release."""
    return is_result(facts) and facts.reader.text("task", "name") in RELEASE_CRITICAL_TASKS


APPLICATION = Application(
    category="taskotron",
    title="Taskotron",
    help="Outcomes of automatic tasks on builds and updates.",
    icon="https://apps.fedoraproject.org/img/icons/taskotron.png",
    retired=True,
    other=ResultNew,
    events=(ResultNew,),
    rules=(
        ApplicationRule(
            name="taskotron_task",
            title="Result of a particular task",
            help="The outcome of this task. A * stands for anything: dist.rpmgrill* has its parts too.",
            arguments=(Argument("task", "Task", SEVERAL, "dist.rpmlint"),),
            holds=is_task,
        ),
        ApplicationRule(
            name="taskotron_task_outcome",
            title="Particular outcome of a task",
            help="A task ended with this outcome.",
            arguments=(Argument("outcome", "Outcome", SEVERAL, "FAILED"),),
            holds=has_outcome,
        ),
        ApplicationRule(
            name="taskotron_changed_outcome",
            title="Changed outcome of a task",
            help="A task ended otherwise than it did the last time for the same item.",
            holds=has_changed,
        ),
        ApplicationRule(
            name="taskotron_task_particular_or_changed_outcome",
            title="Particular or changed outcome of a task",
            help="A task ended with this outcome, or otherwise than the last time for the same item.",
            arguments=(Argument("outcome", "Outcome", SEVERAL, DEFAULT_OUTCOMES),),
            holds=has_outcome_or_changed,
        ),
        ApplicationRule(
            name="taskotron_release_critical_task",
            title="Result of a release-critical task",
            help="The outcome of dist.abicheck, dist.rpmdeplint or dist.upgradepath.",
            holds=is_release_critical,
        ),
    ),
)
