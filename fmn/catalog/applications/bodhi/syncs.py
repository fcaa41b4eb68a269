"""Mirror syncs: pushed updates reach the master mirror. A script beside Bodhi says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fmn.catalog.applications.bodhi.base import Bodhi
from fmn.catalog.events import sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled

DOWNLOADS = "https://download.fedoraproject.org/pub"

#: No release has a number of more digits.
LONGEST_NUMBER = 3


class Sync(Bodhi):
    """Updates reached the master mirror."""

    product: ClassVar[str]
    #: The first release, by number, whose packages are in a folder ``Everything``.
    everything_since: ClassVar[int]

    def root(self, repo: str) -> list[str]:
        """The folder of the product's updates, below that of all downloads."""
        return [self.product.lower()]

    def folder(self, m: MessageReader) -> list[str]:
        """The folder of the release, below that of all downloads."""
        release, repo = m.text("release"), m.text("repo")
        version = release.removesuffix("m")
        testing = ["testing"] if repo.endswith("testing") else []
        inner = ["Modular"] if version != release else self._inner(version)
        return [*self.root(repo), *testing, version, *inner]

    def _inner(self, version: str) -> list[str]:
        numbered = version.isdecimal() and len(version) <= LONGEST_NUMBER
        return ["Everything"] if numbered and int(version) >= self.everything_since else []

    def link(self, m: MessageReader) -> str:
        folder = self.folder(m)
        return f"{page(DOWNLOADS, *folder)}/" if all(folder) else DOWNLOADS

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        release, size, deleted = m.text("release"), m.text("bytes"), m.text("deleted")
        version = release.removesuffix("m")
        changes = [f"{size} changed" if size else "", f"{deleted} files deleted" if deleted else ""]
        told = " and ".join(filter(None, changes))
        return {
            **super().template_values(m),
            "what": " ".join(filter(None, [self.product, version, m.text("repo") or "updates"])),
            "modular": " modular" if version != release else "",
            "changes": f" ({told})" if told else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Release=m.text("release"),
            Repository=m.text("repo"),
            Changed=m.text("bytes"),
            Files_deleted=m.text("deleted"),
        )


class FedoraSync(Sync):
    """Updates for Fedora reached the master mirror."""

    topics = ("bodhi.updates.fedora.sync",)
    rule = "bodhi_update_fedora_sync"
    title = "Fedora updates on the mirrors"
    summary_template = "New {what}{modular} content reached the mirrors{changes}"
    group_summary_template = "New content reached the mirrors: {what:repositories}"
    example = sample(repo="updates-testing", release="44", bytes="2 GiB", deleted="17")
    product = "Fedora"
    everything_since = 28

    def root(self, repo: str) -> list[str]:
        return [*super().root(repo), "linux", "atomic" if repo == "atomic" else "updates"]


class EpelSync(Sync):
    """Updates for EPEL reached the master mirror."""

    topics = ("bodhi.updates.epel.sync",)
    rule = "bodhi_update_epel_sync"
    title = "EPEL updates on the mirrors"
    summary_template = "New {what}{modular} content reached the mirrors{changes}"
    group_summary_template = "New content reached the mirrors: {what:repositories}"
    example = sample(repo="epel-testing", release="9", bytes="505 MiB", deleted="74")
    product = "EPEL"
    everything_since = 8


EVENTS = (FedoraSync, EpelSync)
