"""Code: pushes, tags, releases, comments on commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from fmn.catalog.applications.gitlab.base import ALWAYS, GITLAB, PROJECT, GitLab
from fmn.catalog.commits import REVISION, short_ref
from fmn.catalog.events import Severity
from fmn.catalog.forges import (
    PUSHED_COMMIT,
    commit_list,
    commit_title,
    committers,
    done,
    payload,
    wrapped,
)
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import pluralize, quoted

#: GitLab's revision of nothing: before a branch is made, and after it's deleted.
NOTHING = "0" * 40

PUSH = {
    "object_kind": "push", "event_name": "push", "ref": "refs/heads/main", "user_username": "mossymary",
    "before": "0b5e65479e4bd91554d8d3084bf378ffb6e4ef60", "after": REVISION, "project": PROJECT,
    "commits": [PUSHED_COMMIT], "total_commits_count": 1,
}


class Push(GitLab):
    """Somebody pushed commits, or made or deleted a branch."""

    topics = ("gitlab.push",)
    title = "Commits pushed"
    summary_template = "{who} pushed {commits} to {repository}{branch}{title}"
    group_summary_template = "{who:people} pushed to {repository:repositories}{branch}"
    example = wrapped(PUSH)

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        return chain(super().usernames(m), committers(m, payload(m).nodes("commits")))

    def summary(self, m: MessageReader) -> str:
        if is_deleted(m):
            return "{who} deleted the branch {ref} of {repository}".format_map(self.template_values(m))
        return super().summary(m)

    def link(self, m: MessageReader) -> str:
        sent, root = payload(m), self.repository(m).url
        before, after = sent.text("before"), sent.text("after")
        if not root or is_deleted(m):
            return super().link(m)
        if before in ("", NOTHING):
            return page(root, "-", "commits", short_ref(sent.text("ref")))
        return page(root, "-", "compare", f"{before}...{after}" if after else "")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        sent = payload(m)
        commits, branch = sent.nodes("commits"), short_ref(sent.text("ref"))
        total = sent.number("total_commits_count") or len(commits)
        return {
            **super().template_values(m),
            "commits": pluralize(total, "commit") if commits else "commits",
            "branch": f" ({branch})" if branch else "",
            "ref": branch or "of some name",
            "title": commit_title(commits),
        }

    def long(self, m: MessageReader) -> str:
        return commit_list(payload(m).nodes("commits"))


def is_deleted(m: MessageReader) -> bool:
    """Whether a push deleted its branch or tag."""
    return payload(m).text("after") == NOTHING


class TagPush(GitLab):
    """Somebody made or deleted a tag."""

    topics = ("gitlab.tag_push",)
    title = "Tag created or deleted"
    summary_template = "{who} {did} {tag} in {repository}"
    group_summary_template = "{who:people} {did:alike} tags in {repository:repositories}: {named:tags}"
    example = wrapped({**PUSH, "object_kind": "tag_push", "ref": "refs/tags/2.4", "before": NOTHING})

    def link(self, m: MessageReader) -> str:
        name = "" if is_deleted(m) else short_ref(payload(m).text("ref"))
        return page(self.repository(m).url, "-", "tags", name) if self.repository(m).url else super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name = short_ref(payload(m).text("ref"))
        return {
            **super().template_values(m),
            "did": "deleted" if is_deleted(m) else "made",
            "tag": f"the tag {name}" if name else "a tag",
            "named": name or "of some name",
        }


class Release(GitLab):
    """Somebody published, changed or deleted a release."""

    threaded = True
    topics = ("gitlab.release",)
    title = "Release"
    summary_template = "{who} {did} the release {name} of {repository}"
    group_summary_template = (
        "{who:people} {did:alike} releases of {repository:repositories}: {name:releases}")
    example = wrapped({
        "object_kind": "release", "action": "create", "name": "Moss 2.4", "tag": "2.4",
        "description": "Grows faster.", "url": f"{GITLAB}/mossers/moss/-/releases/2.4", "project": PROJECT})

    def texts(self, m: MessageReader) -> Iterable[str]:
        return (payload(m).text("description"),)

    def link(self, m: MessageReader) -> str:
        return payload(m).text("url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        sent = payload(m)
        verbs = {"create": "published", "update": "changed", "delete": "deleted"}
        return {
            **super().template_values(m),
            "did": done(self.action(m), verbs),
            "name": quoted(sent.text("name") or sent.text("tag")) or "of some name",
        }

    def long(self, m: MessageReader) -> str:
        return payload(m).text("description")


class FeatureFlag(GitLab):
    """Somebody switched a feature flag."""

    topics = ("gitlab.feature_flag",)
    title = "Feature flag switched"
    summary_template = "{who} switched the feature flag {name} of {repository} {state}"
    group_summary_template = "{who:people} switched feature flags of {repository:repositories}: {name:flags}"
    severity = Severity.DEBUG
    example = wrapped({**ALWAYS, "object_kind": "feature_flag", "object_attributes": {
        "id": 6, "name": "sprinkler", "active": True}})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        attributes = self.attributes(m)
        return {
            **super().template_values(m),
            "name": attributes.text("name") or "of some name",
            "state": "on" if attributes.flag("active") else "off",
        }


EVENTS = (Push, TagPush, Release, FeatureFlag)
