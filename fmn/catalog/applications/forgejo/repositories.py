"""Repositories: made and deleted, and their wikis."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.forgejo.base import ALWAYS, Forgejo
from fmn.catalog.events import Severity
from fmn.catalog.forges import done, event_name, payload, wrapped
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled


class RepositoryCreated(Forgejo):
    """Somebody made a repository."""

    topics = ("forgejo.repository",)
    rule = "forgejo_repository_created"
    title = "New repository"
    actions = frozenset({"created"})
    summary_template = "{who} made the repository {repository}"
    group_summary_template = "{who:people} made {repository:repositories}"
    example = wrapped({**ALWAYS, "action": "created"})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "repository": self.repository(m).name or "of some name"}


class RepositoryChanged(RepositoryCreated):
    """Somebody deleted a repository, or changed it otherwise."""

    rule = "forgejo_repository_deleted"
    title = "Repository deleted"
    actions = frozenset()
    summary_template = "{who} {did} the repository {repository}"
    group_summary_template = "{who:people} {did:alike} {repository:repositories}"
    severity = Severity.WARNING
    example = wrapped({**ALWAYS, "action": "deleted"})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "did": done(self.action(m), {})}


class Wiki(Forgejo):
    """Somebody made, edited or deleted a page of a repository's wiki."""

    threaded = True
    topics = ("forgejo.wiki",)
    title = "Wiki edited"
    summary_template = "{who} {did} {wiki_page} in the wiki of {repository}"
    group_summary_template = (
        "{who:people} {did:alike} pages in the wiki of {repository:repositories}: {named:pages}")
    example = wrapped({**ALWAYS, "action": "edited", "page": "Watering", "comment": "Say how much"})

    def link(self, m: MessageReader) -> str:
        return page(super().link(m), "wiki", payload(m).text("page"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        named = payload(m).text("page")
        return {
            **super().template_values(m),
            "did": done(self.action(m), {"created": "made"}),
            "wiki_page": f"the page {named}" if named else "a page",
            "named": named or "of some name",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(Comment=payload(m).text("comment"))


class Other(Forgejo):
    """Something that has no event type of its own happened in a repository."""

    topics = ("forgejo.**",)
    rule = "forgejo_other"
    title = "Something else"
    summary_template = "{who} caused the event {event} in {repository}"
    group_summary_template = "{who:people} caused events in {repository:repositories}: {event:events}"
    example_topic = "forgejo.topics"
    example = wrapped({**ALWAYS, "action": "edited"})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "event": event_name(m)}


EVENTS = (RepositoryCreated, RepositoryChanged, Wiki, Other)
