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

#: Applications whose differences have no reasons yet; the test expects them to fail.
PENDING: Final = frozenset({
    "anitya",
    "ansible",
    "badges",
    "bodhi",
    "bugzilla",
    "buildsys",
    "copr",
    "discourse",
    "fas",
    "fedocal",
    "fedora_elections",
    "fedora_image_uploader",
    "fmn",
    "forgejo",
    "git",
    "github",
    "gitlab",
    "hotness",
    "ipa",
    "kerneltest",
    "koschei",
    "mailman",
    "maubot",
    "mdapi",
    "meetbot",
    "mirrormanager",
    "nuancier",
    "pagure",
    "planet",
    "pretix",
    "wiki",
})


@dataclass(frozen=True)
class Difference:
    """A field in which we differ from these schemas' classes, and why."""

    field: str
    reason: str
    schemas: tuple[str, ...]


DIFFERENCES: Final[tuple[Difference, ...]] = ()
