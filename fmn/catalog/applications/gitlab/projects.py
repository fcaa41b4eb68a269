"""Projects: wikis, milestones, reactions, members, subgroups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.applications.gitlab.base import ALWAYS, GITLAB, GitLab
from fmn.catalog.events import Severity
from fmn.catalog.forges import done, event_name, payload, wrapped
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled

#: What was done, by GitLab's word for it.
DONE: Mapping[str, str] = {
    "create": "made", "update": "edited", "delete": "deleted", "close": "closed", "reopen": "reopened",
}


class Wiki(GitLab):
    """Somebody made, edited or deleted a page of a project's wiki."""

    threaded = True
    topics = ("gitlab.wiki_page",)
    title = "Wiki edited"
    summary_template = "{who} {did} {wiki_page} in the wiki of {repository}"
    group_summary_template = (
        "{who:people} {did:alike} pages in the wiki of {repository:repositories}: {named:pages}")
    example = wrapped({"object_kind": "wiki_page", **ALWAYS, "object_attributes": {
        "title": "Watering", "slug": "watering", "action": "update", "message": "Say how much",
        "url": f"{GITLAB}/mossers/moss/-/wikis/watering"}})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        named = self.attributes(m).text("title")
        return {
            **super().template_values(m),
            "did": done(self.action(m), DONE),
            "wiki_page": f"the page {named}" if named else "a page",
            "named": named or "of some name",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(Comment=self.attributes(m).text("message"))


class Milestone(GitLab):
    """Somebody made, closed or reopened a milestone."""

    topics = ("gitlab.milestone",)
    title = "Milestone changed"
    summary_template = "{who} {did} the milestone {name} of {repository}"
    group_summary_template = (
        "{who:people} {did:alike} milestones of {repository:repositories}: {name:milestones}")
    example = wrapped({"object_kind": "milestone", **ALWAYS, "object_attributes": {
        "id": 3, "iid": 1, "title": "Spring", "action": "create", "state": "active"}})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "did": done(self.action(m), DONE),
            "name": self.attributes(m).text("title") or "of some name",
        }


class Emoji(GitLab):
    """Somebody reacted with an emoji, or took it back."""

    topics = ("gitlab.emoji",)
    title = "Reaction"
    summary_template = "{who} {did} the reaction {name} in {repository}"
    group_summary_template = "{who:people} {did:alike} reactions in {repository:repositories}"
    severity = Severity.DEBUG
    example = wrapped({"object_kind": "emoji", "event_type": "award", **ALWAYS, "object_attributes": {
        "name": "seedling", "awarded_on_url": f"{GITLAB}/mossers/moss/-/issues/4#note_99"}})

    def link(self, m: MessageReader) -> str:
        return self.attributes(m).text("awarded_on_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        revoked = payload(m).text("event_type") == "revoke"
        return {
            **super().template_values(m),
            "did": "took back" if revoked else "gave",
            "name": self.attributes(m).text("name") or "of some name",
        }


class Member(GitLab):
    """Somebody joined or left a group, or asked to join it."""

    topics = ("gitlab.member", "gitlab.user_add_to_group", "gitlab.user_remove_from_group",
              "gitlab.user_update_for_group", "gitlab.user_access_request_to_group",
              "gitlab.user_access_request_denied_for_group")
    rule = "gitlab_member"
    title = "Members of a group changed"
    summary_template = "{member} {did} the group {group}"
    group_summary_template = "{member:people} {did:alike} the group {group:groups}"
    example = wrapped({
        "event_name": "user_add_to_group", "user_username": "sam42", "user_name": "Sam Sample",
        "group_name": "Mossers", "group_path": "mossers", "group_access": "Developer"}, "")

    def sender(self, m: MessageReader) -> str:
        # The message names whom it happened to, not who did it.
        return ""

    def participants(self, m: MessageReader) -> Iterable[str]:
        return (payload(m).text("user_username"),)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        sent = payload(m)
        did = {
            "user_add_to_group": "joined", "user_remove_from_group": "left",
            "user_access_request_to_group": "asked to join",
            "user_access_request_denied_for_group": "may not join",
        }
        return {
            **super().template_values(m),
            "member": self.called(m, sent.text("user_username")) or "Somebody",
            "did": did.get(sent.text("event_name"), "has another role in"),
            "group": sent.text("group_path") or sent.text("group_name") or "of some name",
        }


class Other(GitLab):
    """Something that has no event type of its own happened in a project."""

    topics = ("gitlab.**",)
    rule = "gitlab_other"
    title = "Something else"
    summary_template = "{who} caused the event {event} in {repository}"
    group_summary_template = "{who:people} caused events in {repository:repositories}: {event:events}"
    example_topic = "gitlab.vulnerability"
    example = wrapped({"object_kind": "vulnerability", **ALWAYS})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "event": event_name(m)}


EVENTS = (Wiki, Milestone, Emoji, Member, Other)
