"""MirrorManager, which knows the mirrors: what their owners say of them, and what its crawler finds there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled, paragraphs, pluralize

MIRRORS = "https://mirrors.fedoraproject.org"

#: Made up for examples.
SITE = {"id": 7, "name": "Forest University", "org_url": "https://forest.example.org", "admins": ["mary"]}
HOST = {
    "id": 42, "name": "moss.mirrors.example.org", "country": "DE", "bandwidth": 1000, "asn": 64500,
    "url": "https://mirrormanager.example.org/host/42",
}


class MirrorManager(EventType):
    """Anything from MirrorManager."""

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), *(person(admin) for admin in m.nodes("site", "admins")))

    def link(self, m: MessageReader) -> str:
        return m.text("host", "url") or MIRRORS

    def secondary_icon(self, m: MessageReader) -> str:
        return super().secondary_icon(m) or self.application.icon

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        host = m.text("host", "name") or m.text("host_id")
        site = m.text("site", "name") or m.text("site_name") or m.text("site_id")
        return {
            **super().template_values(m),
            "host": f"the mirror {host}" if host else "a mirror",
            "site": f"the site {site}" if site else "a site",
        }


class CrawlerStart(MirrorManager):
    """The crawler started to look at mirrors."""

    topics = ("mirrormanager.crawler.start",)
    title = "Crawl started"
    summary_template = "The crawler started to look at {mirrors}"
    severity = Severity.DEBUG
    example = sample(hosts=[{"id": 42, "name": HOST["name"]}], options={"timeout_minutes": 120})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        hosts = m.nodes("hosts")
        return {
            **super().template_values(m), "mirrors": pluralize(len(hosts), "mirror") if hosts else "mirrors"}


class CrawlerComplete(MirrorManager):
    """The crawler looked at mirrors."""

    topics = (
        "mirrormanager.crawler.complete", "mirrormanager.crawler.crawl.complete",
        "mirrormanager.crawler.propagation.complete",
    )
    title = "Crawl complete"
    summary_template = "The crawler looked at {mirrors}{failures}"
    severity = Severity.DEBUG
    example = sample(results=[
        {"rc": 0, "start_time": 1773480000.0, "host": {"id": 42, "name": "moss.mirrors.example.org"}},
        {"rc": 2, "start_time": 1773480000.0, "host": {"id": 43, "name": "lichen.mirrors.example.org"}},
    ])

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        results = m.nodes("results")
        failed = sum(bool(result.number("rc")) for result in results)
        return {
            **super().template_values(m),
            "mirrors": pluralize(len(results), "mirror") if results else "mirrors",
            "failures": f" and failed at {failed} of them" if failed else "",
        }


class HostDisabled(MirrorManager):
    """The crawler no longer offers a mirror, since something is wrong with it."""

    topics = ("mirrormanager.crawler.host.disabled.v1",)
    title = "Mirror disabled"
    summary_template = "The crawler disabled {host}"
    group_summary_template = "The crawler disabled {host:mirrors}"
    severity = Severity.ERROR
    count_noun = "disabled mirror"
    example = sample(
        host=HOST, site=SITE, crawled_at="2026-03-14T09:26:53", reason="The mirror didn't answer four times",
        logs_url="https://mirrormanager.example.org/crawler/42.log",
    )

    def long(self, m: MessageReader) -> str:
        return paragraphs(
            m.text("reason"), labelled(Crawled_at=m.text("crawled_at"), Log=m.text("logs_url")))


class NetblocksGet(MirrorManager):
    """Lists of which addresses belong to which network were fetched, or couldn't be."""

    topics = ("mirrormanager.netblocks.get",)
    title = "Network list fetched"
    summary_template = "MirrorManager {did} its list of {kind} addresses"
    severity = Severity.DEBUG
    example = sample(success=True, type="global")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "did": "updated" if m.flag("success") else "couldn't update",
            "kind": m.text("type") or "network",
        }


class Host(MirrorManager):
    """Somebody changed what MirrorManager knows of a mirror."""

    example = sample(agent="mary", host=HOST, site=SITE)

    def duplicate_key(self, m: MessageReader) -> Sequence[str]:
        return self.name, m.text("host", "id") or m.text("host_id")

    def long(self, m: MessageReader) -> str:
        host = m.at("host") if m.keys("host") else m
        return labelled(
            Mirror=host.text("name"),
            Site=m.text("site", "name"),
            Country=host.text("country"),
            Bandwidth=host.text("bandwidth"),
            Autonomous_system=host.text("asn"),
        )


class HostAdded(Host):
    """Somebody added a mirror."""

    topics = ("mirrormanager.host.added.v2", "mirrormanager.host.added")
    rule = "mirrormanager_host_added"
    title = "Mirror added"
    summary_template = "{who} added {host} to {site}"
    group_summary_template = "{who:people} added {host:mirrors} to {site:sites}"


class HostUpdated(Host):
    """Somebody changed the settings of a mirror."""

    topics = ("mirrormanager.host.updated.v2", "mirrormanager.host.updated")
    rule = "mirrormanager_host_updated"
    title = "Mirror changed"
    summary_template = "{who} changed {host} of {site}"
    group_summary_template = "{who:people} changed {host:mirrors} of {site:sites}"


class HostDeleted(Host):
    """Somebody deleted a mirror."""

    topics = ("mirrormanager.host.deleted.v2", "mirrormanager.host.deleted")
    rule = "mirrormanager_host_deleted"
    title = "Mirror deleted"
    summary_template = "{who} deleted {host} of {site}"
    group_summary_template = "{who:people} deleted {host:mirrors} of {site:sites}"
    severity = Severity.WARNING

    def link(self, m: MessageReader) -> str:
        return MIRRORS


class SiteDeleted(MirrorManager):
    """Somebody deleted a site with all its mirrors."""

    topics = ("mirrormanager.site.deleted.v2", "mirrormanager.site.deleted")
    rule = "mirrormanager_site_deleted"
    title = "Site deleted"
    summary_template = "{who} deleted {site}"
    severity = Severity.WARNING
    example = sample(agent="mary", site=SITE)

    def duplicate_key(self, m: MessageReader) -> Sequence[str]:
        return self.name, m.text("site", "id") or m.text("site_id")


APPLICATION = Application(
    category="mirrormanager",
    title="MirrorManager",
    help="Mirrors: added, changed, crawled, disabled.",
    icon="https://apps.fedoraproject.org/img/icons/downloads.png",
    other=MirrorManager,
    events=(
        CrawlerStart, CrawlerComplete, HostDisabled, NetblocksGet,
        HostAdded, HostUpdated, HostDeleted, SiteDeleted,
    ),
)
