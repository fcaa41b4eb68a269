"""Code: pushes, branches, tags, releases, packages, and what services say of commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from fmn.catalog.applications.forgejo.base import ALWAYS, FORGE, MARY, REPOSITORY, Forgejo
from fmn.catalog.commits import REVISION, short_ref
from fmn.catalog.events import Severity
from fmn.catalog.forges import (
    PUSHED_COMMIT,
    commit_list,
    commit_title,
    committers,
    done,
    login,
    named_commit,
    payload,
    wrapped,
)
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, pluralize, quoted


class Push(Forgejo):
    """Somebody pushed commits."""

    topics = ("forgejo.push",)
    title = "Commits pushed"
    summary_template = "{who} pushed {commits} to {repository}{branch}{title}"
    group_summary_template = "{who:people} pushed to {repository:repositories}{branch}"
    example = wrapped({
        **ALWAYS, "ref": "refs/heads/main", "before": "0b5e65479e4bd91554d8d3084bf378ffb6e4ef60",
        "after": REVISION, "compare_url": f"{FORGE}/mossers/moss/compare/0b5e65479e4b...5b1c0f6d2f4a",
        "commits": [PUSHED_COMMIT], "total_commits": 1, "pusher": MARY,
    })

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        return chain(super().usernames(m), committers(m, payload(m).nodes("commits")))

    def participants(self, m: MessageReader) -> Iterable[str]:
        commits = payload(m).nodes("commits")
        return (login(commit, key) for commit in commits for key in ("author", "committer"))

    def link(self, m: MessageReader) -> str:
        return payload(m).text("compare_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        sent = payload(m)
        commits, branch = sent.nodes("commits"), short_ref(sent.text("ref"))
        total = sent.number("total_commits") or len(commits)
        return {
            **super().template_values(m),
            "commits": pluralize(total, "commit") if commits else "commits",
            "branch": f" ({branch})" if branch else "",
            "title": commit_title(commits),
        }

    def long(self, m: MessageReader) -> str:
        return commit_list(payload(m).nodes("commits"))


class Reference(Forgejo):
    """A branch or a tag was made or deleted."""

    example = wrapped({**ALWAYS, "ref": "south", "ref_type": "branch", "sha": REVISION})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name, kind = short_ref(payload(m).text("ref")), payload(m).text("ref_type")
        kind = kind if kind in ("branch", "tag") else "branch"
        return {**super().template_values(m), "reference": f"the {kind} {name}" if name else f"a {kind}"}


class Create(Reference):
    """Somebody made a branch or a tag."""

    topics = ("forgejo.create",)
    title = "Branch or tag created"
    summary_template = "{who} made {reference} in {repository}"
    group_summary_template = "{who:people} made {reference:branches and tags} in {repository:repositories}"

    def link(self, m: MessageReader) -> str:
        kind, name = payload(m).text("ref_type"), short_ref(payload(m).text("ref"))
        return page(super().link(m), "src", kind if kind == "tag" else "branch", name)


class Delete(Reference):
    """Somebody deleted a branch or a tag."""

    topics = ("forgejo.delete",)
    title = "Branch or tag deleted"
    summary_template = "{who} deleted {reference} of {repository}"
    group_summary_template = "{who:people} deleted {reference:branches and tags} of {repository:repositories}"
    severity = Severity.WARNING


class Release(Forgejo):
    """Somebody published, changed or deleted a release."""

    threaded = True
    topics = ("forgejo.release",)
    title = "Release"
    summary_template = "{who} {did} the release {name} of {repository}"
    group_summary_template = (
        "{who:people} {did:alike} releases of {repository:repositories}: {name:releases}")
    example = wrapped({**ALWAYS, "action": "published", "release": {
        "tag_name": "2.4", "name": "Moss 2.4", "body": "Grows faster.", "prerelease": False, "author": MARY,
        "html_url": f"{FORGE}/mossers/moss/releases/tag/2.4"}})

    def participants(self, m: MessageReader) -> Iterable[str]:
        return (login(payload(m), "release", "author"),)

    def texts(self, m: MessageReader) -> Iterable[str]:
        return (payload(m).text("release", "body"),)

    def link(self, m: MessageReader) -> str:
        return payload(m).text("release", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        release = payload(m).at("release")
        return {
            **super().template_values(m),
            "did": done(self.action(m), {}),
            "name": quoted(release.text("name") or release.text("tag_name")) or "of some name",
        }

    def long(self, m: MessageReader) -> str:
        return payload(m).text("release", "body")


class ForgePackage(Forgejo):
    """Somebody uploaded or deleted a package in the forge's registry."""

    topics = ("forgejo.package",)
    title = "Package in the registry"
    summary_template = "{who} {did} the {kind} package {name}"
    group_summary_template = "{who:people} {did:alike} packages: {name:packages}"
    example = wrapped({**ALWAYS, "action": "created", "package": {
        "type": "pypi", "name": "moss", "version": "2.4", "owner": {"login": "mossers"}, "creator": MARY,
        "html_url": f"{FORGE}/mossers/-/packages/pypi/moss/2.4"}})

    def participants(self, m: MessageReader) -> Iterable[str]:
        return (login(payload(m), "package", "creator"),)

    def link(self, m: MessageReader) -> str:
        return payload(m).text("package", "html_url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        package = payload(m).at("package")
        return {
            **super().template_values(m),
            "did": done(self.action(m), {"created": "uploaded"}),
            "kind": package.text("type") or "software",
            "name": " ".join(filter(None, (package.text("name"), package.text("version")))) or "of some name",
        }


class Status(Forgejo):
    """A service said what it found in a commit, such as a test's result."""

    topics = ("forgejo.status",)
    title = "Status of a commit"
    summary_template = "{service} set the status of {commit} of {repository}{state}"
    group_summary_template = (
        "{service:services} set the status of commits of {repository:repositories}{state}")
    example = wrapped({
        **ALWAYS, "sha": REVISION, "state": "success", "context": "greenhouse/push",
        "description": "All leaves are green", "target_url": "https://ci.example.org/moss/12",
        "commit": {"id": REVISION, "url": f"{FORGE}/mossers/moss/commit/{REVISION}"}})

    def link(self, m: MessageReader) -> str:
        return payload(m).text("target_url") or payload(m).text("commit", "url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words, sent = super().template_values(m), payload(m)
        state = sent.text("state")
        return {
            **words,
            "service": sent.text("context") or words["who"],
            "commit": named_commit(sent.text("sha")),
            "state": f" to {state}" if state else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(Description=payload(m).text("description"))


class Fork(Forgejo):
    """Somebody forked a repository."""

    topics = ("forgejo.fork",)
    title = "Repository forked"
    summary_template = "{who} forked {original}{fork}"
    group_summary_template = "{who:people} forked {original:repositories}"
    example = wrapped({"sender": MARY, "forkee": REPOSITORY, "repository": {
        **REPOSITORY, "name": "moss", "full_name": "mary/moss", "html_url": f"{FORGE}/mary/moss",
        "owner": MARY, "fork": True, "parent": REPOSITORY}})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        # Forgejo's forkee is what was forked; GitHub's is the fork.
        words, original = super().template_values(m), payload(m).text("forkee", "full_name")
        fork = self.repository(m).name
        return {
            **words, "original": original or "a repository", "fork": f" to {fork}" if fork else "",
        }


EVENTS = (Push, Create, Delete, Release, ForgePackage, Status, Fork)
