"""Which messages of the bus say that the directory isn't what it was."""

from __future__ import annotations

from fmn.catalog import Message

#: Titles of messages after which somebody owns more or less, or is in more or fewer groups. Somebody
#: who changes their own nick or address (``fas.user.update``) isn't worth fetching everything for:
#: that has time until the next refresh. Requests and applications change nothing yet.
CHANGE_TITLES = frozenset({
    "fas.group.create",
    "fas.group.member.remove",
    "fas.group.member.sponsor",
    "fas.group.update",
    "pagure.project.deleted",
    "pagure.project.edit",  # also says that a project was given to somebody else
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
    """Whether the message says that ownership or groups changed."""
    return message.title in CHANGE_TITLES
