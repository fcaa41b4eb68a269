"""Repositories: who watches and works on them, their wikis, and their webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fmn.catalog.applications.github.base import GITHUB, MARY, SAM, GitHub, done, repository_page, webhook
from fmn.catalog.events import Severity, sample
from fmn.catalog.forges import login, payload
from fmn.catalog.message_reader import MessageReader
from fmn.text import bullets, join_series, quoted


class Watch(GitHub):
    """Somebody began to watch a repository."""

    topics = ("github.watch",)
    rule = "github_watch"
    title = "Repository watched"
    summary_template = "{who} began to watch {repository}"
    group_summary_template = "{who:people} began to watch {repository:repositories}"
    severity = Severity.DEBUG
    example = webhook(action="started")

    def link(self, m: MessageReader) -> str:
        return repository_page(m, self.repository(m).name, "watchers")


class Star(GitHub):
    """Somebody gave a repository a star, or took it back."""

    topics = ("github.star",)
    title = "Repository starred"
    summary_template = "{who} {did} {repository}"
    group_summary_template = "{who:people} {did:alike} {repository:repositories}"
    severity = Severity.DEBUG
    example = webhook(action="created")

    def link(self, m: MessageReader) -> str:
        return repository_page(m, self.repository(m).name, "stargazers")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        did = "took back their star from" if payload(m).text("action") == "deleted" else "starred"
        return {**super().template_values(m), "did": did}


class Member(GitHub):
    """Somebody was made a collaborator on a repository, or is no longer one."""

    topics = ("github.member",)
    title = "Collaborators changed"
    summary_template = "{who} {action} {member} as a collaborator on {repository}"
    group_summary_template = (
        "{who:people} {action:alike} collaborators on {repository:repositories}: "
        "{member:people}")
    example = webhook(action="added", member=SAM)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "action": payload(m).text("action") or "changed",
            "member": self.person(m, "member") or "somebody",
        }


class TeamAdd(GitHub):
    """A team got access to a repository."""

    topics = ("github.team_add",)
    title = "Team added to a repository"
    summary_template = "{who} added the team {team} to {repository}"
    example = webhook(team={"id": 3, "name": "Gardeners"})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "team": payload(m).text("team", "name") or "of some name"}


class Gollum(GitHub):
    """Somebody edited wiki pages of a repository."""

    topics = ("github.gollum",)
    title = "Wiki edited"
    summary_template = "{who} edited {pages} in the wiki of {repository}"
    example = webhook(pages=[{
        "page_name": "Watering", "title": "Watering", "action": "edited", "summary": None,
        "html_url": "https://github.com/mossers/moss/wiki/Watering"}])

    def link(self, m: MessageReader) -> str:
        return payload(m).text("pages", 0, "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        pages = join_series(page.text("title") for page in payload(m).nodes("pages"))
        return {**super().template_values(m), "pages": pages or "a page"}

    def long(self, m: MessageReader) -> str:
        return bullets(page.text("html_url") for page in payload(m).nodes("pages"))


class Public(GitHub):
    """A private repository was made public."""

    topics = ("github.public",)
    title = "Repository made public"
    summary_template = "{who} made {repository} public"
    example = webhook()


class RepositoryChanged(GitHub):
    """A repository was made, archived, renamed or deleted."""

    topics = ("github.repository",)
    title = "Repository changed"
    summary_template = "{who} {action} the repository {repository}"
    example = webhook(action="archived")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "action": payload(m).text("action") or "changed"}


class Milestone(GitHub):
    """Somebody made, closed or changed a milestone."""

    topics = ("github.milestone",)
    title = "Milestone changed"
    summary_template = "{who} {done} the milestone {milestone} of {repository}"
    group_summary_template = "{who:people} {done:alike} milestones of {repository:repositories}"
    example = webhook(action="closed", milestone={
        "number": 2, "title": "3.0", "html_url": "https://github.com/mossers/moss/milestone/2"})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("milestone", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name = payload(m).text("milestone", "title")
        return {**super().template_values(m), "done": done(m), "milestone": quoted(name) or "of some name"}


class Membership(GitHub):
    """Somebody was added to a team or an organization, or removed from it."""

    topics = ("github.membership", "github.organization", "github.team")
    rule = "github_membership"
    title = "Team or organization changed"
    summary_template = "{who} {done} {whom}{team}"
    group_summary_template = "{who:people} {done:alike} {whom:people}{team}"
    example = webhook(
        action="added", scope="team", member=SAM, team={"id": 3, "name": "Gardeners"},
        organization={"login": "mossers"})

    def participants(self, m: MessageReader) -> Iterator[str]:
        yield from super().participants(m)
        yield login(payload(m), "membership", "user")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        body = payload(m)
        whom = self.person(m, "member") or self.person(m, "membership", "user")
        team = body.text("team", "name") or body.text("organization", "login")
        return {
            **super().template_values(m),
            "done": done(m).removeprefix("member "),
            "whom": whom or "something",
            "team": f" ({team})" if team else "",
        }


class Webhook(GitHub):
    """GitHub was asked to tell us of a repository from now on."""

    topics = ("github.webhook",)
    rule = "github_webhook"
    title = "Messages from a repository enabled"
    summary_template = "{who} asked GitHub to send messages about {repository}"
    example = sample(
        sender=MARY, fas_usernames={"mossymary": "mary"}, zen="Grow slowly.", hook_id=1,
        compare="https://github.com/mossers/moss")

    def link(self, m: MessageReader) -> str:
        return payload(m).text("compare") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, link = super().template_values(m), payload(m).text("compare")
        named = link.removeprefix(f"{GITHUB}/") if link.startswith(f"{GITHUB}/") else ""
        return {**words, "repository": named or words["repository"]}


class Other(GitHub):
    """Something happened of which the catalogue knows no more than what GitHub calls it."""

    topics = ("github.**",)
    rule = "github_other"
    title = "Something else at GitHub"
    summary_template = "{who} caused the event {event} in {repository}"
    group_summary_template = "{who:people} caused the event {event:events} in {repository:repositories}"
    example = webhook(action="created", label={"name": "easyfix", "color": "00ff00"})
    example_topic = "github.label"

    def link(self, m: MessageReader) -> str:
        """The page of what it's about, which most events have an object for, named like the event."""
        return payload(m).text(m.topic_part(1), "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        event = " ".join(filter(None, (m.topic_part(1).replace("_", " "), payload(m).text("action"))))
        return {**super().template_values(m), "event": quoted(event) or "of some name"}


EVENTS = (
    Watch, Star, Member, TeamAdd, Membership, Gollum, Milestone, Public, RepositoryChanged, Webhook, Other,
)
