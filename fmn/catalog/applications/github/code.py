"""Code: pushes, branches, tags, comments and releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fmn.catalog.applications.github.base import GitHub, repository_page, webhook
from fmn.catalog.commits import REVISION, short_ref
from fmn.catalog.events import Severity
from fmn.catalog.forges import commit_list, commit_title, committers, named_commit, payload, repository_in
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled, paragraphs, pluralize, quoted


class Push(GitHub):
    """Somebody pushed commits."""

    topics = ("github.push",)
    rule = "github_push"
    title = "Commits pushed"
    threaded = False
    summary_template = "{who} pushed {commits} to {repository}{branch}{title}"
    group_summary_template = "{who:people} {pushed:alike} {repository:repositories}{branch}"
    example = webhook(
        ref="refs/heads/main", before="0b5e65479e4bd91554d8d3084bf378ffb6e4ef60", after=REVISION,
        compare="https://github.com/mossers/moss/compare/0b5e65479e4b...5b1c0f6d2f4a",
        created=False, deleted=False, forced=False, pusher={"name": "mossymary", "email": "mary@example.org"},
        commits=[{
            "id": REVISION, "message": "Grow on the north side\n\nThe south side is too dry.",
            "author": {"name": "Mary Made-up", "email": "mary@example.org", "username": "mossymary"},
            "url": f"https://github.com/mossers/moss/commit/{REVISION}",
            "added": [], "removed": [], "modified": ["moss.c"],
        }],
    )

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        yield from super().usernames(m)
        yield from committers(m, payload(m).nodes("commits"))

    def participants(self, m: MessageReader) -> Iterator[str]:
        return (commit.text("author", "username") for commit in payload(m).nodes("commits"))

    def link(self, m: MessageReader) -> str:
        return payload(m).text("compare") or super().link(m)

    def summary(self, m: MessageReader) -> str:
        if payload(m).flag("deleted"):
            return "{who} deleted {ref} of {repository}".format_map(self.template_values(m))
        return super().summary(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        commits, branch = payload(m).nodes("commits"), short_ref(payload(m).text("ref"))
        return {
            **super().template_values(m),
            "commits": pluralize(len(commits), "commit") if commits else "commits",
            "branch": f" ({branch})" if branch else "",
            "ref": branch or "a branch",
            "pushed": "deleted branches of" if payload(m).flag("deleted") else "pushed to",
            "title": commit_title(commits),
        }

    def long(self, m: MessageReader) -> str:
        return commit_list(payload(m).nodes("commits"))


class Reference(GitHub):
    """A branch, a tag or a repository was made or deleted."""

    example = webhook(ref="south", ref_type="branch", master_branch="main", pusher_type="user")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name, kind = short_ref(payload(m).text("ref")), payload(m).text("ref_type") or "branch"
        return {**super().template_values(m), "reference": f"the {kind} {name}" if name else f"a {kind}"}


class Create(Reference):
    """Somebody made a branch, a tag or a repository."""

    topics = ("github.create",)
    rule = "github_create"
    title = "Branch or tag created"
    threaded = False
    summary_template = "{who} made {reference} in {repository}"
    group_summary_template = "{who:people} made {reference:branches and tags} in {repository:repositories}"

    def summary(self, m: MessageReader) -> str:
        if payload(m).text("ref_type") == "repository":
            return "{who} made the repository {repository}".format_map(self.template_values(m))
        return super().summary(m)

    def link(self, m: MessageReader) -> str:
        return repository_page(m, self.repository(m).name, "tree", payload(m).text("ref"))


class Delete(Reference):
    """Somebody deleted a branch or a tag."""

    topics = ("github.delete",)
    rule = "github_delete"
    title = "Branch or tag deleted"
    summary_template = "{who} deleted {reference} of {repository}"
    group_summary_template = "{who:people} deleted {reference:branches and tags} of {repository:repositories}"
    severity = Severity.WARNING


class Fork(GitHub):
    """Somebody forked a repository."""

    topics = ("github.fork",)
    rule = "github_fork"
    title = "Repository forked"
    threaded = False
    summary_template = "{who} forked {repository}{fork}"
    group_summary_template = "{who:people} forked {repository:repositories}"
    example = webhook(forkee={
        "name": "moss", "full_name": "mossymary/moss", "html_url": "https://github.com/mossymary/moss",
        "owner": {"login": "mossymary"}, "fork": True})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("forkee", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        fork = repository_in(payload(m).at("forkee")).name
        return {**super().template_values(m), "fork": f" to {fork}" if fork else ""}


class CommitComment(GitHub):
    """Somebody commented on a commit."""

    topics = ("github.commit_comment",)
    rule = "github_commit_comment"
    title = "Comment on a commit"
    summary_template = "{who} commented on {commit} of {repository}"
    group_summary_template = "{who:people} commented on {commit:commits} of {repository:repositories}"
    example = webhook(action="created", comment={
        "id": 99, "body": "Nice and green.", "commit_id": REVISION, "path": "moss.c", "line": 7,
        "html_url": f"https://github.com/mossers/moss/commit/{REVISION}#commitcomment-99"})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("comment", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "commit": named_commit(payload(m).text("comment", "commit_id"))}

    def long(self, m: MessageReader) -> str:
        place = labelled(File=payload(m).text("comment", "path"), Line=payload(m).text("comment", "line"))
        return paragraphs(place, payload(m).text("comment", "body"))


class Release(GitHub):
    """Somebody published a release."""

    topics = ("github.release",)
    title = "Release"
    summary_template = "{who} {action} the release {name} of {repository}"
    group_summary_template = (
        "{who:people} {action:alike} releases of {repository:repositories}: "
        "{name:releases}")
    example = webhook(action="published", release={
        "tag_name": "2.4", "name": "Moss 2.4", "body": "Grows faster.", "prerelease": False,
        "html_url": "https://github.com/mossers/moss/releases/tag/2.4"})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("release", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name = payload(m).text("release", "name") or payload(m).text("release", "tag_name")
        return {
            **super().template_values(m),
            "action": payload(m).text("action") or "published",
            "name": quoted(name) or "of some name",
        }

    def long(self, m: MessageReader) -> str:
        return payload(m).text("release", "body")


EVENTS = (Push, Create, Delete, Fork, CommitComment, Release)
