"""Repositories: who watches and works on them, their wikis, and their webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.github.base import ALWAYS, GITHUB, SAM, GitHub, person_of, repository_page
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import Reading
from fmn.text import bullets, series


class Watch(GitHub):
    """Somebody began to watch a repository."""

    topics = ("github.watch",)
    rule = "github_watch"
    title = "Repository watched"
    says = "{who} began to watch {repository}"
    says_of_many = "{who:people} began to watch {repository:repositories}"
    severity = Severity.DEBUG
    example = sample(**ALWAYS, action="started")

    def link(self, m: Reading) -> str:
        return repository_page(m, "watchers")


class Star(GitHub):
    """Somebody gave a repository a star, or took it back."""

    topics = ("github.star",)
    title = "Repository starred"
    says = "{who} {did} {repository}"
    says_of_many = "{who:people} {did:alike} {repository:repositories}"
    severity = Severity.DEBUG
    example = sample(**ALWAYS, action="created")

    def link(self, m: Reading) -> str:
        return repository_page(m, "stargazers")

    def words(self, m: Reading) -> Mapping[str, str]:
        did = "took back their star from" if m.text("action") == "deleted" else "starred"
        return {**super().words(m), "did": did}


class Member(GitHub):
    """Somebody was made a collaborator on a repository, or is no longer one."""

    topics = ("github.member",)
    title = "Collaborators changed"
    says = "{who} {action} {member} as a collaborator on {repository}"
    says_of_many = "{who:people} {action:alike} collaborators on {repository:repositories}: {member:people}"
    example = sample(**ALWAYS, action="added", member=SAM)

    def words(self, m: Reading) -> Mapping[str, str]:
        return {
            **super().words(m),
            "action": m.text("action") or "changed",
            "member": person_of(m, "member") or "somebody",
        }


class TeamAdd(GitHub):
    """A team got access to a repository."""

    topics = ("github.team_add",)
    title = "Team added to a repository"
    says = "{who} added the team {team} to {repository}"
    example = sample(**ALWAYS, team={"id": 3, "name": "Gardeners"})

    def words(self, m: Reading) -> Mapping[str, str]:
        return {**super().words(m), "team": m.text("team", "name") or "of some name"}


class Gollum(GitHub):
    """Somebody edited wiki pages of a repository."""

    topics = ("github.gollum",)
    title = "Wiki edited"
    says = "{who} edited {pages} in the wiki of {repository}"
    example = sample(**ALWAYS, pages=[{
        "page_name": "Watering", "title": "Watering", "action": "edited", "summary": None,
        "html_url": "https://github.com/mossers/moss/wiki/Watering"}])

    def link(self, m: Reading) -> str:
        return m.text("pages", 0, "html_url") or super().link(m)

    def words(self, m: Reading) -> Mapping[str, str]:
        pages = series(page.text("title") for page in m.nodes("pages"))
        return {**super().words(m), "pages": pages or "a page"}

    def long(self, m: Reading) -> str:
        return bullets(page.text("html_url") for page in m.nodes("pages"))


class Public(GitHub):
    """A private repository was made public."""

    topics = ("github.public",)
    title = "Repository made public"
    says = "{who} made {repository} public"
    example = sample(**ALWAYS)


class RepositoryChanged(GitHub):
    """A repository was made, archived, renamed or deleted."""

    topics = ("github.repository",)
    title = "Repository changed"
    says = "{who} {action} the repository {repository}"
    example = sample(**ALWAYS, action="archived")

    def words(self, m: Reading) -> Mapping[str, str]:
        return {**super().words(m), "action": m.text("action") or "changed"}


class Webhook(GitHub):
    """GitHub was asked to tell us of a repository from now on."""

    topics = ("github.webhook",)
    rule = "github_webhook"
    title = "Messages from a repository turned on"
    says = "{who} asked GitHub to send messages about {repository}"
    example = sample(
        sender=ALWAYS["sender"], fas_usernames=ALWAYS["fas_usernames"], zen="Grow slowly.", hook_id=1,
        compare="https://github.com/mossers/moss")

    def link(self, m: Reading) -> str:
        return m.text("compare") or super().link(m)

    def words(self, m: Reading) -> Mapping[str, str]:
        words, link = super().words(m), m.text("compare")
        named = link.removeprefix(f"{GITHUB}/") if link.startswith(f"{GITHUB}/") else ""
        return {**words, "repository": named or words["repository"]}


EVENTS = (Watch, Star, Member, TeamAdd, Gollum, Public, RepositoryChanged, Webhook)
