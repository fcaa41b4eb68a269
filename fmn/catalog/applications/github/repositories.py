"""Repositories: who watches and works on them, their wikis, and their webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.github.base import ALWAYS, GITHUB, SAM, GitHub, person_of, repository_page
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import bullets, join_series


class Watch(GitHub):
    """Somebody began to watch a repository."""

    topics = ("github.watch",)
    rule = "github_watch"
    title = "Repository watched"
    summary_template = "{who} began to watch {repository}"
    group_summary_template = "{who:people} began to watch {repository:repositories}"
    severity = Severity.DEBUG
    example = sample(**ALWAYS, action="started")

    def link(self, m: MessageReader) -> str:
        return repository_page(m, "watchers")


class Star(GitHub):
    """Somebody gave a repository a star, or took it back."""

    topics = ("github.star",)
    title = "Repository starred"
    summary_template = "{who} {did} {repository}"
    group_summary_template = "{who:people} {did:alike} {repository:repositories}"
    severity = Severity.DEBUG
    example = sample(**ALWAYS, action="created")

    def link(self, m: MessageReader) -> str:
        return repository_page(m, "stargazers")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        did = "took back their star from" if m.text("action") == "deleted" else "starred"
        return {**super().template_values(m), "did": did}


class Member(GitHub):
    """Somebody was made a collaborator on a repository, or is no longer one."""

    topics = ("github.member",)
    title = "Collaborators changed"
    summary_template = "{who} {action} {member} as a collaborator on {repository}"
    group_summary_template = (
        "{who:people} {action:alike} collaborators on {repository:repositories}: "
        "{member:people}")
    example = sample(**ALWAYS, action="added", member=SAM)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "action": m.text("action") or "changed",
            "member": person_of(m, "member") or "somebody",
        }


class TeamAdd(GitHub):
    """A team got access to a repository."""

    topics = ("github.team_add",)
    title = "Team added to a repository"
    summary_template = "{who} added the team {team} to {repository}"
    example = sample(**ALWAYS, team={"id": 3, "name": "Gardeners"})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "team": m.text("team", "name") or "of some name"}


class Gollum(GitHub):
    """Somebody edited wiki pages of a repository."""

    topics = ("github.gollum",)
    title = "Wiki edited"
    summary_template = "{who} edited {pages} in the wiki of {repository}"
    example = sample(**ALWAYS, pages=[{
        "page_name": "Watering", "title": "Watering", "action": "edited", "summary": None,
        "html_url": "https://github.com/mossers/moss/wiki/Watering"}])

    def link(self, m: MessageReader) -> str:
        return m.text("pages", 0, "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        pages = join_series(page.text("title") for page in m.nodes("pages"))
        return {**super().template_values(m), "pages": pages or "a page"}

    def long(self, m: MessageReader) -> str:
        return bullets(page.text("html_url") for page in m.nodes("pages"))


class Public(GitHub):
    """A private repository was made public."""

    topics = ("github.public",)
    title = "Repository made public"
    summary_template = "{who} made {repository} public"
    example = sample(**ALWAYS)


class RepositoryChanged(GitHub):
    """A repository was made, archived, renamed or deleted."""

    topics = ("github.repository",)
    title = "Repository changed"
    summary_template = "{who} {action} the repository {repository}"
    example = sample(**ALWAYS, action="archived")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "action": m.text("action") or "changed"}


class Webhook(GitHub):
    """GitHub was asked to tell us of a repository from now on."""

    topics = ("github.webhook",)
    rule = "github_webhook"
    title = "Messages from a repository enabled"
    summary_template = "{who} asked GitHub to send messages about {repository}"
    example = sample(
        sender=ALWAYS["sender"], fas_usernames=ALWAYS["fas_usernames"], zen="Grow slowly.", hook_id=1,
        compare="https://github.com/mossers/moss")

    def link(self, m: MessageReader) -> str:
        return m.text("compare") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, link = super().template_values(m), m.text("compare")
        named = link.removeprefix(f"{GITHUB}/") if link.startswith(f"{GITHUB}/") else ""
        return {**words, "repository": named or words["repository"]}


EVENTS = (Watch, Star, Member, TeamAdd, Gollum, Public, RepositoryChanged, Webhook)
