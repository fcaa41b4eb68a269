"""Code: pushes, branches, tags, releases, and what services say of commits."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.github.base import ALWAYS, GitHub, full_name, person_of, repository_page
from fmn.catalog.commits import REVISION, short_ref
from fmn.catalog.events import Severity, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import bullets, first_line, labelled, paragraphs, pluralize, quoted

#: Enough of a commit's hash to tell it from the others of its repository.
SHORT_HASH = 8


class Push(GitHub):
    """Somebody pushed commits."""

    topics = ("github.push",)
    rule = "github_push"
    title = "Commits pushed"
    threaded = False
    summary_template = "{who} pushed {commits} to {repository}{branch}{title}"
    group_summary_template = "{who:people} {pushed:alike} {repository:repositories}{branch}"
    example = sample(
        **ALWAYS, ref="refs/heads/main", before="0b5e65479e4bd91554d8d3084bf378ffb6e4ef60", after=REVISION,
        compare="https://github.com/mossers/moss/compare/0b5e65479e4b...5b1c0f6d2f4a",
        created=False, deleted=False, forced=False, pusher={"name": "mossymary", "email": "mary@example.org"},
        commits=[{
            "id": REVISION, "message": "Grow on the north side\n\nThe south side is too dry.",
            "author": {"name": "Mary Made-up", "email": "mary@example.org", "username": "mossymary"},
            "url": f"https://github.com/mossers/moss/commit/{REVISION}",
            "added": [], "removed": [], "modified": ["moss.c"],
        }],
    )

    def link(self, m: MessageReader) -> str:
        return m.text("compare") or super().link(m)

    def summary(self, m: MessageReader) -> str:
        if m.flag("deleted"):
            return "{who} deleted {ref} of {repository}".format_map(self.template_values(m))
        return super().summary(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        commits, branch = m.nodes("commits"), short_ref(m.text("ref"))
        title = quoted(first_line(commits[0].text("message"))) if len(commits) == 1 else ""
        return {
            **super().template_values(m),
            "commits": pluralize(len(commits), "commit") if commits else "commits",
            "branch": f" ({branch})" if branch else "",
            "ref": branch or "a branch",
            "pushed": "deleted branches of" if m.flag("deleted") else "pushed to",
            "title": f": {title}" if title else "",
        }

    def long(self, m: MessageReader) -> str:
        return bullets(_commit(commit) for commit in m.nodes("commits"))


def _commit(commit: JsonNode) -> str:
    author, title = commit.text("author", "name"), first_line(commit.text("message"))
    return " ".join(filter(None, (title, f"({author})" if author else "")))


class Reference(GitHub):
    """A branch, a tag or a repository was made or deleted."""

    example = sample(**ALWAYS, ref="south", ref_type="branch", master_branch="main", pusher_type="user")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name, kind = short_ref(m.text("ref")), m.text("ref_type") or "branch"
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
        if m.text("ref_type") == "repository":
            return "{who} made the repository {repository}".format_map(self.template_values(m))
        return super().summary(m)

    def link(self, m: MessageReader) -> str:
        return repository_page(m, "tree", m.text("ref"))


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
    example = sample(**ALWAYS, forkee={
        "name": "moss", "full_name": "mossymary/moss", "html_url": "https://github.com/mossymary/moss",
        "owner": {"login": "mossymary"}, "fork": True})

    def link(self, m: MessageReader) -> str:
        return m.text("forkee", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        fork = full_name(m.at("forkee"))
        return {**super().template_values(m), "fork": f" to {fork}" if fork else ""}


class CommitComment(GitHub):
    """Somebody commented on a commit."""

    topics = ("github.commit_comment",)
    rule = "github_commit_comment"
    title = "Comment on a commit"
    summary_template = "{who} commented on {commit} of {repository}"
    group_summary_template = "{who:people} commented on {commit:commits} of {repository:repositories}"
    example = sample(**ALWAYS, action="created", comment={
        "id": 99, "body": "Nice and green.", "commit_id": REVISION, "path": "moss.c", "line": 7,
        "html_url": f"https://github.com/mossers/moss/commit/{REVISION}#commitcomment-99"})

    def link(self, m: MessageReader) -> str:
        return m.text("comment", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "commit": _named(m.text("comment", "commit_id"))}

    def long(self, m: MessageReader) -> str:
        place = labelled(File=m.text("comment", "path"), Line=m.text("comment", "line"))
        return paragraphs(place, m.text("comment", "body"))


def _named(revision: str) -> str:
    return f"the commit {revision[:SHORT_HASH]}" if revision else "a commit"


class Status(GitHub):
    """A service said what it found in a commit, such as a test's result."""

    topics = ("github.status",)
    rule = "github_status"
    title = "Status of a commit"
    summary_template = "{service} set the status of {commit} of {repository}{state}{said}"
    group_summary_template = (
        "{service:services} set the status of commits of "
        "{repository:repositories}{state}")
    example = sample(
        **ALWAYS, sha=REVISION, state="success", context="greenhouse/push",
        description="All leaves are green", target_url="https://ci.example.org/moss/12",
        commit={"sha": REVISION, "html_url": f"https://github.com/mossers/moss/commit/{REVISION}"})

    def link(self, m: MessageReader) -> str:
        return m.text("target_url") or m.text("commit", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        state, said, words = m.text("state"), quoted(m.text("description")), super().template_values(m)
        return {
            **words,
            "service": m.text("context") or words["who"],
            "commit": _named(m.text("sha") or m.text("commit", "sha")),
            "state": f" to {state}" if state else "",
            "said": f": {said}" if said else "",
        }


class Check(GitHub):
    """A service began or finished a check of a commit."""

    topics = ("github.check_run", "github.check_suite")
    title = "Check of a commit"
    summary_template = "{service} {did} checking {commit} of {repository}{result}"
    group_summary_template = (
        "{service:services} {did:alike} checking commits of "
        "{repository:repositories}{result}")
    severity = Severity.DEBUG
    example = sample(**ALWAYS, action="completed", check_run={
        "name": "green leaves", "head_sha": REVISION, "status": "completed", "conclusion": "success",
        "html_url": "https://github.com/mossers/moss/runs/12"})

    def check(self, m: MessageReader) -> JsonNode:
        """What was checked, and how it went."""
        return m.at("check_run") if m.keys("check_run") else m.at("check_suite")

    def link(self, m: MessageReader) -> str:
        return self.check(m).text("html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        check = self.check(m)
        result = check.text("conclusion")
        return {
            **super().template_values(m),
            "service": check.text("app", "name") or check.text("name") or "A service",
            "did": "finished" if m.text("action") == "completed" else "began",
            "commit": _named(check.text("head_sha")),
            "result": f": {result}" if result else "",
        }


class Release(GitHub):
    """Somebody published a release."""

    topics = ("github.release",)
    title = "Release"
    summary_template = "{who} {action} the release {name} of {repository}"
    group_summary_template = (
        "{who:people} {action:alike} releases of {repository:repositories}: "
        "{name:releases}")
    example = sample(**ALWAYS, action="published", release={
        "tag_name": "2.4", "name": "Moss 2.4", "body": "Grows faster.", "prerelease": False,
        "html_url": "https://github.com/mossers/moss/releases/tag/2.4"})

    def link(self, m: MessageReader) -> str:
        return m.text("release", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name = m.text("release", "name") or m.text("release", "tag_name")
        return {
            **super().template_values(m),
            "action": m.text("action") or "published",
            "name": quoted(name) or "of some name",
        }

    def long(self, m: MessageReader) -> str:
        return m.text("release", "body")


class Deployment(GitHub):
    """Somebody asked for code to be deployed."""

    topics = ("github.deployment",)
    title = "Deployment requested"
    summary_template = "{who} asked to deploy {repository}{environment}"
    group_summary_template = "{who:people} asked to deploy {repository:repositories}{environment}"
    example = sample(**ALWAYS, deployment={
        "id": 1, "environment": "greenhouse", "ref": REVISION, "sha": REVISION, "task": "deploy"})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        environment = m.text("deployment", "environment")
        return {**super().template_values(m), "environment": f" to {environment}" if environment else ""}

    def long(self, m: MessageReader) -> str:
        return labelled(Revision=m.text("deployment", "sha"), Task=m.text("deployment", "task"))


class DeploymentStatus(Deployment):
    """A deployment of code made progress, succeeded or failed."""

    topics = ("github.deployment_status",)
    title = "Deployment status"
    summary_template = "The deployment of {repository}{environment} by {creator}{state}"
    group_summary_template = (
        "Deployments of {repository:repositories}{environment} by "
        "{creator:people}{state}")
    example = sample(
        **ALWAYS,
        deployment={"id": 1, "environment": "greenhouse", "ref": REVISION, "sha": REVISION, "task": "deploy"},
        deployment_status={"id": 2, "state": "success", "target_url": "https://greenhouse.example.org/",
                           "creator": {"login": "mossymary"}, "description": None})

    def link(self, m: MessageReader) -> str:
        return m.text("deployment_status", "target_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, state = super().template_values(m), m.text("deployment_status", "state")
        return {
            **words,
            "creator": person_of(m, "deployment_status", "creator") or words["who"],
            "state": f": {state}" if state else "",
        }


class PageBuild(GitHub):
    """GitHub built the pages of a repository, or couldn't."""

    topics = ("github.page_build",)
    title = "Pages built"
    summary_template = "{who} had the pages of {repository} built{status}"
    group_summary_template = "{who:people} had the pages of {repository:repositories} built{status}"
    severity = Severity.DEBUG
    example = sample(**ALWAYS, id=12773963, build={
        "commit": REVISION, "status": "built", "duration": 3718, "error": {"message": None},
        "pusher": {"login": "mossymary"}})

    def link(self, m: MessageReader) -> str:
        owner, name = m.text("repository", "owner", "login"), m.text("repository", "name")
        return f"http://{owner}.github.io/{name}/" if owner and name else super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        status, error = m.text("build", "status"), quoted(m.text("build", "error", "message"))
        told = ": ".join(filter(None, (status, error)))
        return {**super().template_values(m), "status": f": {told}" if told and status != "built" else ""}


EVENTS = (
    Push,
    Create,
    Delete,
    Fork,
    CommitComment,
    Status,
    Check,
    Release,
    Deployment,
    DeploymentStatus,
    PageBuild,
)
