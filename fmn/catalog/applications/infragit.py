"""The infrastructure team's own repositories: what servers run, and how they're set up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import avatar, person
from fmn.catalog.commits import COMMIT, about, author_of, short_ref, title_of
from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page

CGIT = "http://infrastructure.fedoraproject.org/cgit"


class InfraGit(EventType):
    """Anything from the infrastructure team's repositories."""


class Push(InfraGit):
    """Somebody pushed a commit to one of the infrastructure team's repositories."""

    topics = ("infragit.receive",)
    title = "Commit pushed"
    threaded = False
    summary_template = "{who} pushed to {repository}{branch}{title}"
    group_summary_template = "{who:people} pushed to {repository:repositories}{branch}"
    example = sample(commit={
        **COMMIT, "agent": "mary", "username": "mary", "repo": "ansible", "path": "/git/ansible.git",
        "seen": False})

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "commit", "agent") or person(m, "commit", "username") or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), person(m, "commit", "username"))

    def link(self, m: MessageReader) -> str:
        """The commit; repositories that the message only knows by their path aren't public."""
        name = m.text("commit", "repo").removesuffix(".git")
        return page(CGIT, f"{name}.git/commit/", id=m.text("commit", "rev")) if name else ""

    def secondary_icon(self, m: MessageReader) -> str:
        author = person(m, "commit", "username")
        return avatar(author) if author else super().secondary_icon(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        commit, branch = m.at("commit"), short_ref(m.text("commit", "branch"))
        in_path = commit.text("path").rstrip("/").rpartition("/")[2].removesuffix(".git")
        return {
            "who": self.agent(m) or author_of(commit) or "Somebody",
            "repository": commit.text("repo") or in_path or "a repository",
            "branch": f" ({branch})" if branch else "",
            "title": title_of(commit),
        }

    def long(self, m: MessageReader) -> str:
        return about(m.at("commit"))


APPLICATION = Application(
    category="infragit",
    title="Infrastructure git",
    help="Commits to the infrastructure team's own repositories.",
    catchall="all_infragit",
    icon="https://apps.fedoraproject.org/img/icons/git-logo.png",
    other=InfraGit,
    events=(Push,),
)
