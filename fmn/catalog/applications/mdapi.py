"""mdapi, which answers questions about repositories of packages, and tells when one changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fmn.catalog.events import Application, EventType, Package, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import bullets, join_series, paragraphs, pluralize

DOWNLOADS = "https://download.fedoraproject.org/pub"

#: A compose can change thousands of packages; so many of them are named in a text.
PACKAGES_IN_TEXT = 100


class Metadata(EventType):
    """Anything from mdapi. It knows the names of binary packages."""

    def names(self, m: MessageReader) -> list[str]:
        """The packages that changed, once each."""
        return list(dict.fromkeys(filter(None, [*m.texts("packages"), *_in_differences(m)])))

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (Package("", name) for name in self.names(m))

    def link(self, m: MessageReader) -> str:
        address = m.text("url")
        return address if address.startswith("http") else page(DOWNLOADS, address.lstrip("/"))

    def secondary_icon(self, m: MessageReader) -> str:
        return self.application.icon


def _in_differences(m: MessageReader) -> Iterator[str]:
    """The packages in what the first messages said: rows by table, added or removed, each a list."""
    for table in m.keys("differences"):
        for action in m.keys("differences", table):
            for row in m.nodes("differences", table, action):
                # A row about a file begins with its path and ends in its package; others begin with
                # the package, maybe with its architecture behind it: "vips(x86-64)".
                name = row.text(-1) if "/" in row.text(0) else row.text(0)
                yield name.partition("(")[0]


def _about(m: MessageReader, table: str) -> str:
    added, removed = (len(m.nodes("differences", table, action)) for action in ("added", "removed"))
    return f"{table}: {added} added, {removed} removed" if added or removed else ""


class RepoUpdate(Metadata):
    """A repository of packages changed."""

    topics = ("mdapi.repo.update",)
    rule = "mdapi_repo_update"
    own_environment = True
    title = "Repository changed"
    threaded = False
    summary_template = "{packages} changed in {repository}"
    group_summary_template = "Packages changed in {repository:repositories}"
    severity = Severity.DEBUG
    example = sample(
        name="rawhide", packages=["moss", "moss-devel", "lichen"],
        url="fedora/linux/development/rawhide/Everything/x86_64/os/repodata/0f343b-primary.sqlite.xz",
    )

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        names, repository = self.names(m), m.text("name")
        return {
            **super().template_values(m),
            "packages": pluralize(len(names), "package") if names else "Packages",
            "repository": f"the repository {repository}" if repository else "a repository",
        }

    def long(self, m: MessageReader) -> str:
        return paragraphs(
            join_series(self.names(m), most=PACKAGES_IN_TEXT),
            bullets(_about(m, table) for table in m.keys("differences")),
        )


APPLICATION = Application(
    category="mdapi",
    title="mdapi",
    help="Repositories of packages: what changed in them.",
    icon="https://apps.fedoraproject.org/packages/images/icons/package_128x128.png",
    other=Metadata,
    events=(RepoUpdate,),
)
