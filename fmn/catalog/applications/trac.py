"""Trac at fedorahosted.org, the forge before Pagure: tickets, wiki pages, commits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.accounts_in_messages import avatar, person
from fmn.catalog.commits import COMMIT, about, author_of, short_ref, title_of
from fmn.catalog.events import SEVERAL, Application, ApplicationRule, Argument, EventType, Facts, sample
from fmn.catalog.identities import account_of
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import bullets, join_series, labelled, paragraphs, quoted, split_list

CGIT = "https://git.fedorahosted.org/cgit"

#: Whom Trac calls somebody who isn't logged in.
ANONYMOUS = "anonymous"

#: Between the people in a ticket's list of watchers.
SEPARATORS = re.compile(r"[\s,;]+")

#: Made up for examples.
INSTANCE = {
    "base_url": "https://fedorahosted.org/moss/", "project_name": "moss", "project_icon": "common/trac.ico",
    "project_description": "Grows on the north side of trees", "project_url": "http://moss.fedorahosted.org",
}
TICKET: dict[str, Any] = {
    "id": 4, "summary": "Too dry on the south side", "description": "Moss doesn't grow where it's dry.",
    "status": "new", "resolution": "", "type": "defect", "priority": "major", "component": "water", "cc": "",
    "owner": "mary", "reporter": "sam", "milestone": "", "keywords": "", "blocking": "", "blockedby": "",
    "time": 1368039807.0, "changetime": 1368040146.0,
}
PAGE: dict[str, Any] = {
    "name": "Watering", "author": "mary", "comment": "", "text": "A drop a day.", "version": 1,
    "time": 1368042662.0,
}


def project_names(m: MessageReader) -> set[str]:
    """What the project that a message is about is called, and how its address ends."""
    in_address = m.text("instance", "base_url").rstrip("/").rpartition("/")[2]
    return {m.text("instance", "project_name"), in_address} - {""}


class Trac(EventType):
    """Anything from Trac."""

    def agent(self, m: MessageReader) -> str | None:
        name = person(m, "agent")
        return name if name and name != ANONYMOUS else None

    def link(self, m: MessageReader) -> str:
        return m.text("instance", "base_url")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "project": m.text("instance", "project_name") or "a project"}


class Ticket(Trac):
    """Something happened to a ticket."""

    example = sample(agent="sam", instance=INSTANCE, ticket=TICKET)

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        ticket = m.at("ticket")
        named = (
            ticket.text("owner"), ticket.text("reporter"), person(m, "author"),
            *SEPARATORS.split(ticket.text("cc")))
        return (self.agent(m), *(account_of(m, name) for name in named if name != ANONYMOUS))

    def link(self, m: MessageReader) -> str:
        return page(super().link(m).rstrip("/"), "ticket", m.text("ticket", "id"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, number = super().template_values(m), m.text("ticket", "id")
        ticket = " ".join(filter(None, (f"{words['project']}#{number}", quoted(m.text("ticket", "summary")))))
        return {**words, "ticket": f"the ticket {ticket}" if number else f"a ticket of {words['project']}"}


class TicketNew(Ticket):
    """Somebody opened a ticket."""

    topics = ("trac.ticket.new",)
    rule = "trac_ticket_new"
    title = "New ticket"
    summary_template = "{who} opened {ticket}"
    group_summary_template = "{who:people} opened {ticket:tickets}"

    def long(self, m: MessageReader) -> str:
        ticket = m.at("ticket")
        return paragraphs(
            ticket.text("description"),
            labelled(
                Type=ticket.text("type"),
                Component=ticket.text("component"),
                Priority=ticket.text("priority"),
                Owner=ticket.text("owner"),
            ),
        )


class TicketUpdate(Ticket):
    """Somebody changed a ticket, or commented on it."""

    topics = ("trac.ticket.update",)
    rule = "trac_ticket_update"
    title = "Ticket changed or commented on"
    summary_template = "{who} {did} {ticket}"
    group_summary_template = "{who:people} {did:alike} {ticket:tickets}"
    example = sample(
        agent="mary", author="mary", comment="Watered.", instance=INSTANCE,
        ticket={**TICKET, "status": "closed", "resolution": "fixed"},
        old_values={"status": "new", "resolution": ""})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "did": self._did(m)}

    def _did(self, m: MessageReader) -> str:
        changed, status = m.keys("old_values"), m.text("ticket", "status")
        if "status" in changed and status == "closed":
            return "closed"
        if "status" in changed and status == "reopened":
            return "reopened"
        if changed:
            return f"changed {join_series(f'the {field}' for field in changed)} of"
        return "commented on"

    def long(self, m: MessageReader) -> str:
        changes = (self._change(m, field) for field in m.keys("old_values"))
        return paragraphs(m.text("comment"), bullets(changes))

    def _change(self, m: MessageReader, field: str) -> str:
        old, new = (m.text(where, field) or "(none)" for where in ("old_values", "ticket"))
        return f"{field}: {old} -> {new}"


class TicketDelete(Ticket):
    """Somebody deleted a ticket."""

    topics = ("trac.ticket.delete",)
    rule = "trac_ticket_delete"
    title = "Ticket deleted"
    summary_template = "{who} deleted {ticket}"
    group_summary_template = "{who:people} deleted {ticket:tickets}"


class Wiki(Trac):
    """Something happened to a wiki page."""

    example = sample(agent="mary", instance=INSTANCE, page=PAGE)

    def link(self, m: MessageReader) -> str:
        return page(super().link(m).rstrip("/"), "wiki", m.text("page", "name"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name, version = m.text("page", "name"), m.text("version") or m.text("page", "version")
        return {
            **super().template_values(m),
            "page": f"the page {name}" if name else "a page",
            "old_name": m.text("old_name") or "another name",
            "version": f"the version {version}" if version else "a version",
        }

    def long(self, m: MessageReader) -> str:
        return m.text("comment") or m.text("page", "comment")


class WikiPageNew(Wiki):
    """Somebody made a wiki page."""

    topics = ("trac.wiki.page.new",)
    rule = "trac_wiki_page_new"
    title = "New wiki page"
    summary_template = "{who} made {page} in the wiki of {project}"
    group_summary_template = "{who:people} made {page:pages} in the wiki of {project:projects}"


class WikiPageUpdate(Wiki):
    """Somebody changed a wiki page."""

    topics = ("trac.wiki.page.update",)
    rule = "trac_wiki_page_update"
    title = "Wiki page changed"
    summary_template = "{who} changed {page} in the wiki of {project}"
    group_summary_template = "{who:people} changed {page:pages} in the wiki of {project:projects}"
    example = sample(
        agent="mary", author="mary", comment="Two drops", instance=INSTANCE, page=PAGE, version=2,
        t=1368042999.0)


class WikiPageRename(Wiki):
    """Somebody gave a wiki page another name."""

    topics = ("trac.wiki.page.rename",)
    rule = "trac_wiki_page_rename"
    title = "Wiki page renamed"
    summary_template = "{who} renamed {page} in the wiki of {project} (before: {old_name})"
    example = sample(agent="mary", instance=INSTANCE, page=PAGE, old_name="Water")


class WikiPageDelete(Wiki):
    """Somebody deleted a wiki page."""

    topics = ("trac.wiki.page.delete",)
    rule = "trac_wiki_page_delete"
    title = "Wiki page deleted"
    summary_template = "{who} deleted {page} from the wiki of {project}"
    group_summary_template = "{who:people} deleted {page:pages} from the wiki of {project:projects}"


class WikiPageVersionDelete(Wiki):
    """Somebody deleted a version of a wiki page."""

    topics = ("trac.wiki.page.version.delete",)
    rule = "trac_wiki_page_version_delete"
    title = "Wiki page version deleted"
    summary_template = "{who} deleted {version} of {page} in the wiki of {project}"


class Push(Trac):
    """Somebody pushed a commit to a project."""

    topics = ("trac.git.receive",)
    rule = "trac_git_receive"
    title = "Commit pushed"
    threaded = False
    summary_template = "{who} pushed to {repository}{branch}{title}"
    group_summary_template = "{who:people} pushed to {repository:repositories}{branch}"
    example = sample(commit={
        **COMMIT, "agent": "mary", "username": "mary", "repo": "moss", "path": "/srv/git/moss.git"})

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "commit", "agent") or person(m, "commit", "username") or super().agent(m)

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), person(m, "commit", "username"))

    def link(self, m: MessageReader) -> str:
        """The commit; the server keeps repositories in folders, which only their path tells."""
        path = m.text("commit", "path").partition("/git/")[2] or f"{m.text('commit', 'repo')}.git"
        return page(CGIT, f"{path}/commit/", id=m.text("commit", "rev"))

    def secondary_icon(self, m: MessageReader) -> str:
        author = person(m, "commit", "username")
        return avatar(author) if author else super().secondary_icon(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        commit, branch = m.at("commit"), short_ref(m.text("commit", "branch"))
        return {
            **super().template_values(m),
            "who": self.agent(m) or author_of(commit) or "Somebody",
            "repository": commit.text("repo") or "a repository",
            "branch": f" ({branch})" if branch else "",
            "title": title_of(commit),
        }

    def long(self, m: MessageReader) -> str:
        return about(m.at("commit"))


def concerns_project(facts: Facts, arguments: Mapping[str, str]) -> bool:
    """Whether the message is about one of the projects, by their names at fedorahosted.org."""
    if facts.message.category != "trac":
        return False
    return not project_names(facts.reader).isdisjoint(split_list(arguments.get("project", "")))


APPLICATION = Application(
    category="trac",
    title="Trac",
    help="Projects at fedorahosted.org: tickets, wiki pages, commits.",
    catchall="trac_catchall",
    icon="https://www.edgewall.org/gfx/trac_bullet.png",
    other=Trac,
    retired=True,
    events=(
        TicketNew, TicketUpdate, TicketDelete, WikiPageNew, WikiPageUpdate, WikiPageRename, WikiPageDelete,
        WikiPageVersionDelete, Push,
    ),
    rules=(
        ApplicationRule(
            name="trac_hosted_filter",
            title="About a project",
            help="The message is about this project's tickets or wiki at fedorahosted.org.",
            arguments=(Argument("project", "Project", SEVERAL, "moss"),),
            holds=concerns_project,
        ),
    ),
)
