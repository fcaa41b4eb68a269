"""Zanata, where documents were translated."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import bullets

ZANATA = "https://fedora.zanata.org"


class Zanata(EventType):
    """Anything from Zanata."""

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "username") or None

    def link(self, m: MessageReader) -> str:
        view = (ZANATA, "iteration/view", m.text("project"), m.text("version"))
        return page(*view, "languages", m.text("locale")) if m.text("locale") else page(*view)

    def secondary_icon(self, m: MessageReader) -> str:
        return super().secondary_icon(m) or self.application.icon

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        project = " ".join(filter(None, [m.text("project"), m.text("version")]))
        language = m.text("locale")
        return {
            **super().template_values(m),
            "document": m.text("docId") or "a document",
            "project": project or "a project",
            "language": f"the language {language}" if language else "a language",
        }


class DocumentMilestone(Zanata):
    """The translation of a document into a language is done or reviewed."""

    topics = ("zanata.document.milestone.event",)
    title = "Translation milestone"
    summary_template = "In {project}, {document} is {milestone} in {language}"
    example = sample(
        project="moss", version="2.4", docId="moss.pot", locale="de", milestone="100% Translated",
        eventType="org.zanata.event.DocumentMilestoneEvent",
    )

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "milestone": m.text("milestone").lower() or "at a milestone"}


class DocumentStats(Zanata):
    """Somebody translated words of a document."""

    topics = ("zanata.document.stats.event",)
    title = "Words translated"
    summary_template = "{who} translated words of {document} in {project} into {language}"
    group_summary_template = (
        "{who:people} translated words of {document:documents} "
        "in {project:projects} into {language:languages}")
    severity = Severity.DEBUG
    example = sample(
        username="sam", project="moss", version="2.4", docId="moss.pot", locale="de",
        wordDeltasByState={"New": -5, "Translated": 5},
        eventType="org.zanata.webhook.events.DocumentStatsEvent",
    )

    def long(self, m: MessageReader) -> str:
        changes = ((state, m.number("wordDeltasByState", state)) for state in m.keys("wordDeltasByState"))
        return bullets(f"{state}: {words:+} words" for state, words in changes if words)


class SourceDocumentChanged(Zanata):
    """A document to be translated was added or removed."""

    topics = ("zanata.source.document.changed.event",)
    title = "Source document changed"
    summary_template = "In {project}, {document} was {done} to be translated"
    example = sample(
        project="moss", version="2.4", docId="moss.pot", changeType="ADD",
        eventType="org.zanata.webhook.events.SourceDocumentChangedEvent",
    )

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        removed = m.text("changeType") == "REMOVE"
        return {**super().template_values(m), "done": "removed from what's" if removed else "added to what's"}


APPLICATION = Application(
    category="zanata",
    title="Zanata",
    help="Translations of documents.",
    icon="https://pbs.twimg.com/profile_images/378800000417679469/47eb45c6205aa9f2cdb8705e6d46745c_normal.png",
    retired=True,
    other=Zanata,
    events=(DocumentMilestone, DocumentStats, SourceDocumentChanged),
)
