"""Differences between the catalogue and fedora-messaging's schema packages that stay, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Names of nobody: what some publishers write when they know none.
NOBODY: Final = frozenset({"", "None"})

#: Where services are today, by the host in a recorded message's or a class's link.
HOSTS: Final = {
    # Pagure's tests' own installation.
    "localhost.localdomain": "pagure.io",
}


@dataclass(frozen=True)
class Difference:
    """A field in which we differ from classes, by their schemas or their messages' titles, and why."""

    field: str
    reason: str
    schemas: tuple[str, ...]


DIFFERENCES: Final[tuple[Difference, ...]] = (
    # Applications that came with fedora-messaging.
    Difference("usernames", "Fedora's forge has Fedora's accounts, so that logins there are known people", (
        "forgejo.action_run_success",
        "forgejo.issue_comment",
        "forgejo.pull_request",
        "forgejo.push",
    )),
    Difference("agent", "The publisher knew no account, but Fedora's forge has Fedora's accounts", (
        "forgejo.action_run_success",
        "forgejo.issue_comment",
        "forgejo.pull_request",
        "forgejo.push",
    )),
    Difference("agent", "The class names nobody, though the body has an agent", (
        "nuancier.new",
    )),
    Difference("severity", "What failed stays broken until somebody mends it", (
        "forgejo.action_run_failure",
    )),
    Difference("severity", "What was cancelled, deleted or taken from somebody is worth a warning", (
        "discourse.post.post_destroyed",
        "fas.group.member.removed",
        "forgejo.action_run_cancelled",
    )),
    Difference("severity", "A changed profile is worth a warning: it may have been somebody else", (
        "fas.user.update",
    )),
    Difference("severity", "Edited texts interest few people", (
        "discourse.post.post_edited",
        "discourse.topic.topic_edited",
    )),
    # Applications that were there before.
    Difference("severity", "it failed: the event type is an error", (
        "copr.build.end", "koji_fedoramessaging.build.BuildStateChangeV1", "koschei.package.state.change")),
    Difference("severity", "something was removed, or somebody may do more or less: a warning", (
        "anitya.distro.remove", "anitya.project.map.remove", "anitya.project.remove",
        "anitya.project.version.remove", "anitya.project.version.remove.v2", "bodhi.update.eject.v1",
        "bodhi.update.request.unpush.v1", "fedocal.calendar.clear", "fedocal.calendar.delete",
        "fedocal.meeting.delete", "fedora_elections.candidate.delete", "mirrormanager.host.deleted.v1",
        "mirrormanager.host.deleted.v2", "mirrormanager.site.deleted.v1", "pagure.git.branch.deletion",
        "pagure.git.tag.deletion", "pagure.issue.drop", "pagure.project.deleted",
        "pagure.project.group.access.updated", "pagure.project.group.added",
        "pagure.project.group.removed", "pagure.project.user.access.updated", "pagure.project.user.added",
        "pagure.project.user.removed")),
    Difference(
        "severity", "services and minor edits tell of themselves all day, which nobody needs to know", (
        "bodhi.compose.start.v1", "bodhi.compose.sync.done.v1", "bodhi.compose.sync.wait.v1",
        "bodhi.repo.done.v1", "hotness.update.drop", "mdapi.repo.update", "pagure.Test.notification",
        "pagure.pull-request.comment.edited", "pagure.pull-request.initial_comment.edited", "planet.build")),
    Difference("packages", "the class names none, but the message is about packages", (
        "anitya.project.flag", "git.receive", "hotness.update.drop", "kerneltest.release.edit.v1",
        "kerneltest.release.new.v1", "kerneltest.upload.new.v1", "mdapi.repo.update")),
    Difference("packages", "modules and what has no namespace are packages, too", (
        "fedora_messaging_git_hook.commit.v1",)),
    Difference(
        "packages", "older messages name the file only, which may be called like its source package", (
        "koji_fedoramessaging.rpm.SignV1",)),
    Difference("packages", "repositories at dist-git are packages, whatever happens in them", (
        "pagure.git.receive", "pagure.pull-request.comment.added", "pagure.pull-request.new",
        "pagure.pull-request.rebased")),
    Difference("agent", "the class names no agent, though the message does", (
        "ansible.playbook.complete", "ansible.playbook.start", "badges.badge.award.v1",
        "badges.person.rank.advance.v1", "bodhi.update.karma.threshold.v1",
        "bodhi.update.requirements_met.stable.v1", "copr.build.end", "fedocal.calendar.clear",
        "fedocal.calendar.delete", "fedocal.calendar.new", "fedocal.calendar.update",
        "fedocal.calendar.upload", "fedocal.meeting.delete", "fedocal.meeting.new",
        "fedocal.meeting.update", "fedora_elections.candidate.delete", "fedora_elections.candidate.edit",
        "fedora_elections.candidate.new", "fedora_elections.election.edit",
        "fedora_elections.election.new", "fmn.rule.create.v1", "fmn.rule.delete.v1", "fmn.rule.update.v1",
        "git.receive", "koji_fedoramessaging.build.BuildStateChangeV1", "mailman.messageV1")),
    Difference("usernames", "the group whose project it is acts like one person", (
        "copr.build.end", "copr.build.start")),
    Difference("usernames", "managers of a meeting are concerned", (
        "fedocal.meeting.delete", "fedocal.meeting.new", "fedocal.meeting.reminder",
        "fedocal.meeting.update")),
    Difference("usernames", "the class names nobody, though the message does", (
        "fmn.rule.create.v1", "fmn.rule.delete.v1", "fmn.rule.update.v1")),
    Difference("usernames", "who gets or loses access to a project is concerned", (
        "pagure.project.user.access.updated", "pagure.project.user.added", "pagure.project.user.removed")),
    Difference(
        "usernames", "who took part in an issue or a pull request is concerned, as is its author", (
        "pagure.issue.assigned.added", "pagure.issue.assigned.reset", "pagure.issue.comment.added",
        "pagure.issue.dependency.added", "pagure.issue.dependency.removed", "pagure.issue.drop",
        "pagure.issue.edit", "pagure.issue.new", "pagure.issue.tag.added", "pagure.issue.tag.removed",
        "pagure.pull-request.assigned.added", "pagure.pull-request.assigned.reset",
        "pagure.pull-request.closed", "pagure.pull-request.comment.added",
        "pagure.pull-request.comment.edited", "pagure.pull-request.flag.added",
        "pagure.pull-request.flag.updated", "pagure.pull-request.initial_comment.edited",
        "pagure.pull-request.reopened", "pagure.pull-request.tag.added",
        "pagure.pull-request.tag.removed", "pagure.pull-request.updated")),
    Difference("groups", "the class names no group, though the message does", (
        "copr.build.end", "copr.build.start", "pagure.group.edit", "pagure.project.group.access.updated",
        "pagure.project.group.added", "pagure.project.group.removed")),
    Difference("link", "the election's page, not the one its maker wrote of it", (
        "fedora_elections.candidate.delete", "fedora_elections.candidate.edit",
        "fedora_elections.candidate.new", "fedora_elections.election.edit",
        "fedora_elections.election.new")),
    Difference("link", "the commit at dist-git: the address was made up by a test", (
        "fedora_messaging_git_hook.commit.v1",)),
    Difference("link", "the address that Bugzilla itself uses", (
        "hotness.update.bug.file",)),
    Difference("link", "the class takes the build's id for that of a task", (
        "koji_fedoramessaging.build.BuildStateChangeV1",)),
    Difference("link", "the minutes as a page", (
        "meetbot.meeting.complete",)),
    Difference("link", "the project's page is gone", (
        "pagure.project.deleted",)),
    Difference("link", "the test put parts of several projects into the message", (
        "pagure.git.receive", "pagure.issue.assigned.added", "pagure.issue.assigned.reset",
        "pagure.issue.comment.added", "pagure.issue.dependency.added", "pagure.issue.dependency.removed",
        "pagure.issue.edit", "pagure.issue.new", "pagure.issue.tag.added", "pagure.issue.tag.removed")),
)
