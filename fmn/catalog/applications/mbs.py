"""The Module Build Service: builds of modules, one event type for each state they get into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, ApplicationRule, EventType, Outcome, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled

MBS = "https://mbs.fedoraproject.org"

#: A build for examples.
BUILD: dict[str, Any] = {
    "id": 2117, "name": "forest", "stream": "wet", "version": "20260314090158", "context": "a1b2c3d4",
    "owner": "mary", "scmurl": "https://src.fedoraproject.org/modules/forest.git?#5b1c0f6d2f4a",
    "state": 2, "state_name": "build", "state_reason": None, "component_builds": [4711, 4712],
    "time_submitted": "2026-03-14T09:01:58Z", "time_completed": None,
}


class ModuleBuild(EventType):
    """A module build changed to some other state."""

    topics = ("mbs.module.state.change",)
    rule = "mbs_build_other_state"
    title = "Module build in another state"
    summary_template = "{whose} of {module} changed its state{state}"
    group_summary_template = "{owner:people}'s builds of {module:modules} changed their states{state}"
    severity = Severity.DEBUG
    example = sample(**BUILD)
    #: The state it stands for, by the service's name; ``""`` for all others.
    state: ClassVar[str] = ""

    def matches(self, m: MessageReader) -> bool:
        return not self.state or m.text("state_name") == self.state

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "owner") or None

    def link(self, m: MessageReader) -> str:
        return page(MBS, "module-build-service/1/module-builds", m.text("id"))

    def subject(self, m: MessageReader) -> Sequence[str]:
        return (m.text("name"), m.text("stream"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        owner, name, state = person(m, "owner"), m.text("name"), m.text("state_name")
        stream = f" ({m.text('stream')})" if m.text("stream") else ""
        return {
            **super().template_values(m),
            "owner": owner or "Somebody",
            "whose": f"{owner}'s build" if owner else "A build",
            "module": f"modules/{name}{stream}" if name else "a module",
            "state": f" to {state}" if state else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Reason=m.text("state_reason"),
            Module=m.text("name"),
            Stream=m.text("stream"),
            Version=m.text("version"),
            Context=m.text("context"),
            Source=m.text("scmurl"),
        )


class Started(ModuleBuild):
    """A module build was submitted, and waits for its turn."""

    rule = "mbs_build_started"
    title = "Module build started"
    summary_template = "{whose} of {module} started"
    group_summary_template = "{owner:people}'s builds of {module:modules} started"
    severity = Severity.INFO
    example = sample(**{**BUILD, "state": 1, "state_name": "wait"})
    state = "wait"


class Completed(ModuleBuild):
    """All components of a module were built."""

    rule = "mbs_build_completed"
    title = "Module build completed"
    summary_template = "{whose} of {module} completed"
    group_summary_template = "{owner:people}'s builds of {module:modules} completed"
    severity = Severity.INFO
    example = sample(**{**BUILD, "state": 3, "state_name": "done"})
    state = "done"


class Ready(ModuleBuild):
    """A module build is ready to be used."""

    rule = "mbs_build_ready"
    title = "Module build ready"
    summary_template = "{whose} of {module} is ready"
    group_summary_template = "{owner:people}'s builds of {module:modules} are ready"
    severity = Severity.INFO
    example = sample(**{**BUILD, "state": 5, "state_name": "ready"})
    state = "ready"
    default_outcome = Outcome.SUCCEEDED


class Failed(ModuleBuild):
    """A module build failed, or was cancelled."""

    rule = "mbs_build_failed"
    title = "Module build failed"
    summary_template = "{whose} of {module} failed"
    group_summary_template = "{owner:people}'s builds of {module:modules} failed"
    severity = Severity.ERROR
    count_noun = "failed module build"
    example = sample(**{
        **BUILD, "state": 4, "state_name": "failed", "state_reason": "Component moss failed to build"})
    state = "failed"
    default_outcome = Outcome.FAILED


STATES = (Started, Completed, Ready, Failed, ModuleBuild)

APPLICATION = Application(
    category="mbs",
    title="Module builds",
    help="Builds of modules: started, completed, failed.",
    catchall="mbs_catchall",
    icon="https://apps.fedoraproject.org/img/icons/modularity.png",
    other=ModuleBuild,
    events=STATES,
    rules=(
        ApplicationRule(
            name="mbs_build_state_change",
            title="Module build changed its state",
            help="A module build started, completed, failed, or got into any other state.",
            any_of=frozenset(event.rule_name() for event in STATES),
        ),
    ),
)
