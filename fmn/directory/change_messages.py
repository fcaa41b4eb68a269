"""Detects bus messages that announce a change of the directory."""

from __future__ import annotations

from fmn.catalog import Message

#: Titles of messages that change ownership or group membership. A change of one's own nick or address
#: (``fas.user.update``) waits for the next periodic refresh. Requests and applications change nothing yet.
CHANGE_TITLES = frozenset({
    "fas.group.create",
    "fas.group.member.remove",
    "fas.group.member.sponsor",
    "fas.group.update",
    "pagure.project.deleted",
    "pagure.project.edit",  # also announces a project's new owner
    "pagure.project.group.access.updated",
    "pagure.project.group.added",
    "pagure.project.group.removed",
    "pagure.project.new",
    "pagure.project.user.access.updated",
    "pagure.project.user.added",
    "pagure.project.user.removed",
    "pkgdb.acl.delete",
    "pkgdb.acl.update",
    "pkgdb.acl.user.remove",
    "pkgdb.owner.update",
    "pkgdb.package.delete",
    "pkgdb.package.new",
})


def changes_directory(message: Message) -> bool:
    """Whether the message announces a change of ownership or groups."""
    return message.title in CHANGE_TITLES
