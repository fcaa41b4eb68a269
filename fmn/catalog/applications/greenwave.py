"""Greenwave, which decides by test results and waivers whether something may go on its way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fmn.catalog.builds import package_name
from fmn.catalog.events import Application, ApplicationRule, EventType, Outcome, Package, Severity, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import package_icon
from fmn.text import bullets, labelled, paragraphs, shorten

RESULTS = "https://taskotron.fedoraproject.org/resultsdb/results"

#: A decision for examples.
DECISION: dict[str, Any] = {
    "applicable_policies": ["bodhi_push_stable"], "decision_context": "bodhi_update_push_stable",
    "product_version": "fedora-44", "policies_satisfied": True, "summary": "All required tests passed",
    "subject_type": "koji_build", "subject_identifier": "moss-2.4-1.fc44", "unsatisfied_requirements": [],
    "subject": [{"type": "koji_build", "item": "moss-2.4-1.fc44"}, {"original_spec_nvr": "moss-2.4-1.fc44"}],
}


class Decision(EventType):
    """Greenwave decided about something anew."""

    topics = ("greenwave.decision.update",)

    def packages(self, m: MessageReader) -> Iterable[Package]:
        for kind, item in subjects_of(m):
            if kind == "koji_build":
                yield Package("", package_name(item))

    def link(self, m: MessageReader) -> str:
        subject = m.at("subject", 0)
        query = {key: subject.text(key) for key in sorted(subject.keys())} or {
            "item": m.text("subject_identifier"), "type": m.text("subject_type")}
        return f"{RESULTS}?{urlencode(query, errors='replace')}" if all(query.values()) else ""

    def subject(self, m: MessageReader) -> Sequence[str]:
        return (next(filter(None, (item for _, item in subjects_of(m))), ""), m.text("decision_context"))

    def secondary_icon(self, m: MessageReader) -> str:
        return package_icon(min((package.name for package in self.packages(m)), default=""))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        item = m.text("subject_identifier") or next(filter(None, (item for _, item in subjects_of(m))), "")
        context, reason = m.text("decision_context"), shorten(m.text("summary"))
        return {
            **super().template_values(m),
            "item": item or "something",
            "context": f" for {context}" if context else "",
            "reason": f": {reason}" if reason else "",
        }

    def long(self, m: MessageReader) -> str:
        about = labelled(
            Context=m.text("decision_context"),
            Product=m.text("product_version"),
            Policies=", ".join(m.texts("applicable_policies")),
        )
        return paragraphs(
            m.text("summary"), about, bullets(map(requirement, m.nodes("unsatisfied_requirements"))))


def subjects_of(m: MessageReader) -> Iterator[tuple[str, str]]:
    """Kind and name of what was decided about."""
    for subject in m.nodes("subject"):
        yield subject.text("type"), subject.text("item")
    if not m.nodes("subject"):
        yield m.text("subject_type"), m.text("subject_identifier")


def requirement(node: JsonNode) -> str:
    """A requirement that isn't met: ``dist.rpmlint: test result failed``."""
    kind = node.text("type").replace("-", " ")
    return ": ".join(filter(None, [node.text("testcase"), kind]))


class Satisfied(Decision):
    """All that's required for something to go on its way is there."""

    rule = "greenwave_decision_satisfied"
    title = "Gate opened"
    summary_template = "Greenwave lets {item} pass{context}"
    group_summary_template = "Greenwave lets {item:items} pass{context}"
    example = sample(**DECISION)
    default_outcome = Outcome.SUCCEEDED

    def matches(self, m: MessageReader) -> bool:
        # The key was misspelt until 2018.
        return m.flag("policies_satisfied") or m.flag("policies_satisified")


class Unsatisfied(Decision):
    """Something is missing, or a test failed, before something may go on its way."""

    rule = "greenwave_decision_unsatisfied"
    title = "Gate closed"
    summary_template = "Greenwave holds {item} back{context}{reason}"
    group_summary_template = "Greenwave holds {item:items} back{context}"
    severity = Severity.WARNING
    count_noun = "closed gate"
    example = sample(**{
        **DECISION, "policies_satisfied": False, "summary": "1 of 1 required tests failed",
        "unsatisfied_requirements": [{"testcase": "dist.rpmlint", "type": "test-result-failed"}],
    })
    default_outcome = Outcome.FAILED


DECISIONS = (Satisfied, Unsatisfied)

APPLICATION = Application(
    category="greenwave",
    title="Greenwave",
    help="Gates: whether builds, updates and composes may go on their way.",
    icon="https://apps.fedoraproject.org/img/icons/greenwave.png",
    other=Decision,
    events=DECISIONS,
    rules=(
        ApplicationRule(
            name="greenwave_decision_update",
            title="New decision",
            help="Greenwave decided about something anew, in its favour or against it.",
            any_of=frozenset(event.rule_name() for event in DECISIONS),
        ),
    ),
)
