"""Repositories: commits, branches and tags in git, and what services say of commits."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.accounts_in_messages import committer
from fmn.catalog.applications.pagure.base import PROJECT, Pagure, project_page
from fmn.catalog.applications.pagure.flags import FLAG, about_flag, flag_words
from fmn.catalog.commits import COMMIT, REVISION, about, author_of, short_ref, title_of
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled, pluralize

#: Enough of a commit's hash to tell it from the others of its project.
SHORT_HASH = 8


class Repository(Pagure):
    """Something happened in a project's git repository."""


class Push(Repository):
    """Somebody pushed commits to a project."""

    topics = ("pagure.git.receive",)
    title = "Commits pushed"
    summary_template = "{who} pushed {commits} to {project}{branch}"
    group_summary_template = "{who:people} pushed to {project:projects}{branch}"
    example = sample(
        agent="mary", branch="refs/heads/main", total_commits=3, forced=False, repo=PROJECT,
        start_commit="0b5e65479e4bd91554d8d3084bf378ffb6e4ef60", end_commit=REVISION,
        authors=[{"name": "mary", "fullname": "Mary Made-up"}, {"name": "sam", "fullname": "Sam Sample"}],
    )

    def branch(self, m: MessageReader) -> str:
        """The branch that was pushed to."""
        return short_ref(m.text("branch"))

    def link(self, m: MessageReader) -> str:
        """The commits that were pushed, the branch where the message doesn't tell them."""
        first, last = m.text("start_commit"), m.text("end_commit")
        if not last:
            return project_page(m, "tree", self.branch(m))
        return project_page(m, "c", f"{first}..{last}" if first and first != last else last)

    def thread(self, m: MessageReader) -> str:
        """The branch."""
        return project_page(m, "tree", self.branch(m)) if self.threaded else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        number, branch = m.number("total_commits"), self.branch(m)
        return {
            **super().template_values(m),
            "commits": "commits" if number is None else pluralize(number, "commit"),
            "branch": f" ({branch})" if branch else "",
        }

    def long(self, m: MessageReader) -> str:
        authors = (author.text("fullname") or author.text("name") for author in m.nodes("authors"))
        return labelled(
            Branch=self.branch(m),
            From=m.text("start_commit"),
            To=m.text("end_commit"),
            Authors=", ".join(filter(None, authors)),
            Forced="yes" if m.flag("forced") else "",
        )


class LegacyPush(Push):
    """Somebody pushed a commit to a project, when each commit had its own message."""

    topics = ("pagure.git.receive",)
    rule = "pagure_git_receive_commit"
    title = "Commit pushed (one by one)"
    threaded = False
    summary_template = "{who} pushed to {project}{branch}{title}"
    group_summary_template = "{who:people} pushed to {project:projects}{branch}"
    example = sample(commit={
        **COMMIT, "repo": PROJECT, "branch": "refs/heads/main", "email": "mary@fedoraproject.org"})
    retired = True

    def matches(self, m: MessageReader) -> bool:
        return m.has("commit")

    def agent(self, m: MessageReader) -> str | None:
        return super().agent(m) or committer(m, "commit") or None

    def branch(self, m: MessageReader) -> str:
        return short_ref(m.text("commit", "branch"))

    def link(self, m: MessageReader) -> str:
        return project_page(m, m.text("commit", "rev"))

    def secondary_icon(self, m: MessageReader) -> str:
        """Only of an agent that the message names: the picture of whom we looked up would be a guess."""
        return super().secondary_icon(m) if m.has("agent") else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        commit = m.at("commit")
        who = self.agent(m) or author_of(commit) or "Somebody"
        return {**super().template_values(m), "who": who, "title": title_of(commit)}

    def long(self, m: MessageReader) -> str:
        return about(m.at("commit"))


class Reference(Repository):
    """A branch or a tag was made or deleted."""

    example = sample(
        agent="mary", branch="south", tag="2.4", rev=REVISION, repo=PROJECT,
        authors=[{"name": "mary", "fullname": "Mary Made-up"}],
    )

    def link(self, m: MessageReader) -> str:
        return project_page(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "branch": short_ref(m.text("branch")) or "of some name",
            "tag": short_ref(m.text("tag")) or "of some name",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(Revision=m.text("rev"))


class BranchCreated(Reference):
    """A branch was made in a project."""

    topics = ("pagure.git.branch.creation",)
    title = "Branch created"
    summary_template = "{who} made the branch {branch} in {project}"
    group_summary_template = "{who:people} made branches in {project:projects}: {branch:branches}"

    def link(self, m: MessageReader) -> str:
        return project_page(m, "tree", short_ref(m.text("branch")))


class BranchDeleted(Reference):
    """A branch was deleted from a project."""

    topics = ("pagure.git.branch.deletion",)
    title = "Branch deleted"
    summary_template = "{who} deleted the branch {branch} of {project}"
    group_summary_template = "{who:people} deleted branches of {project:projects}: {branch:branches}"
    severity = Severity.WARNING


class TagCreated(Reference):
    """A commit of a project got a tag in git."""

    topics = ("pagure.git.tag.creation",)
    title = "Git tag created"
    summary_template = "{who} made the git tag {tag} in {project}"
    group_summary_template = "{who:people} made git tags in {project:projects}: {tag:tags}"

    def link(self, m: MessageReader) -> str:
        return project_page(m, "commits", short_ref(m.text("tag")))


class TagDeleted(Reference):
    """A tag in git was deleted from a project."""

    topics = ("pagure.git.tag.deletion",)
    title = "Git tag deleted"
    summary_template = "{who} deleted the git tag {tag} of {project}"
    group_summary_template = "{who:people} deleted git tags of {project:projects}: {tag:tags}"
    severity = Severity.WARNING

    def link(self, m: MessageReader) -> str:
        return project_page(m, "releases")


class CommitFlag(Repository):
    """A service said what it found in a commit, such as a test's result."""

    example = sample(agent="mary", flag=FLAG, repo=PROJECT)

    def link(self, m: MessageReader) -> str:
        return project_page(m, "c", m.text("flag", "commit_hash"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        revision = m.text("flag", "commit_hash")[:SHORT_HASH]
        commit = f"the commit {revision}" if revision else "a commit"
        return {**super().template_values(m), **flag_words(m), "commit": commit}

    def long(self, m: MessageReader) -> str:
        return about_flag(m)


class CommitFlagAdded(CommitFlag):
    """A service began to say what it finds in a commit."""

    topics = ("pagure.commit.flag.added",)
    title = "Commit flagged"
    summary_template = "{service} flagged {commit} of {project}{result}"
    group_summary_template = "{service:services} flagged commits of {project:projects}{result}"


class CommitFlagUpdated(CommitFlag):
    """A service changed what it had said of a commit."""

    topics = ("pagure.commit.flag.updated",)
    title = "Flag of a commit updated"
    summary_template = "{service} updated its flag on {commit} of {project}{result}"
    group_summary_template = "{service:services} updated flags on commits of {project:projects}{result}"


EVENTS = (
    LegacyPush,
    Push,
    BranchCreated,
    BranchDeleted,
    TagCreated,
    TagDeleted,
    CommitFlagAdded,
    CommitFlagUpdated,
)
