"""The On Demand Compose Service, which makes composes that people ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled

COMPOSES = "https://odcs.fedoraproject.org/api/1/composes"

#: A compose for examples.
COMPOSE: dict[str, Any] = {
    "id": 378, "owner": "mary", "pungi_compose_id": "odcs-378-1-20260314.t.0", "compose_type": "test",
    "source": "f44-moss", "source_type": 1, "state": 2, "state_name": "done",
    "state_reason": "Compose is generated successfully", "results": ["repository"], "arches": "x86_64",
    "sigkeys": "", "flags": [], "packages": "moss lichen", "toplevel_url": "https://odcs.example/odcs-378",
    "time_submitted": "2026-03-14T09:01:58Z", "time_to_expire": "2026-03-15T09:01:58Z",
}


class Compose(EventType):
    """A compose on demand changed to some other state."""

    topics = ("odcs.compose.state-changed",)
    rule = "odcs_compose_state_changed"
    title = "Compose on demand in another state"
    summary_template = "{whose} changed its state{state}"
    severity = Severity.DEBUG
    example = sample(event="state-changed", compose={**COMPOSE, "state": 0, "state_name": "wait"})
    #: The state it stands for, by the service's name; ``""`` for all others.
    state: ClassVar[str] = ""

    def matches(self, m: MessageReader) -> bool:
        return not self.state or m.text("compose", "state_name") == self.state

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "compose", "owner") or None

    def link(self, m: MessageReader) -> str:
        return page(COMPOSES, m.text("compose", "id"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        owner, state = self.agent(m), m.text("compose", "state_name")
        name = m.text("compose", "pungi_compose_id") or m.text("compose", "id")
        compose = f"compose {name}" if name else "compose"
        return {
            **super().template_values(m),
            "whose": f"{owner}'s {compose}" if owner else f"The {compose}" if name else "A compose",
            "state": f" to {state}" if state else "",
        }

    def long(self, m: MessageReader) -> str:
        compose = m.at("compose")
        return labelled(
            Reason=compose.text("state_reason"),
            Source=compose.text("source"),
            Packages=compose.text("packages"),
            Architectures=compose.text("arches"),
            Result=compose.text("toplevel_url"),
            Expires=compose.text("time_to_expire"),
            Removed_by=person(compose, "removed_by"),
        )


class Generating(Compose):
    """A compose on demand is being made."""

    rule = "odcs_compose_generating"
    title = "Compose on demand started"
    summary_template = "{whose} is being made"
    example = sample(event="state-changed", compose={**COMPOSE, "state": 1, "state_name": "generating"})
    state = "generating"


class Done(Compose):
    """A compose on demand is done."""

    rule = "odcs_compose_done"
    title = "Compose on demand done"
    summary_template = "{whose} is done"
    severity = Severity.INFO
    example = sample(event="state-changed", compose=COMPOSE)
    state = "done"


class Failed(Compose):
    """A compose on demand failed."""

    rule = "odcs_compose_failed"
    title = "Compose on demand failed"
    summary_template = "{whose} failed"
    severity = Severity.ERROR
    count_noun = "failed compose"
    example = sample(event="state-changed", compose={
        **COMPOSE, "state": 4, "state_name": "failed", "state_reason": "Error while generating compose"})
    state = "failed"


class Removed(Compose):
    """A compose on demand was removed: its time was over, or somebody said so."""

    rule = "odcs_compose_removed"
    title = "Compose on demand removed"
    summary_template = "{whose} was removed"
    example = sample(event="state-changed", compose={
        **COMPOSE, "state": 3, "state_name": "removed", "state_reason": "Not needed", "removed_by": "tom"})
    state = "removed"


APPLICATION = Application(
    category="odcs",
    title="Composes on demand",
    help="Composes that people asked for: made, failed, removed.",
    icon="https://apps.fedoraproject.org/img/icons/odcs.png",
    other=Compose,
    events=(Generating, Done, Failed, Removed, Compose),
)
