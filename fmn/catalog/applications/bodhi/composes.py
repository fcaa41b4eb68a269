"""Pushes: Bodhi takes updates and composes repositories of them. Until Bodhi 4 that was mashing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.applications.bodhi.base import Bodhi, packages_in
from fmn.catalog.events import Package, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import bullets, labelled, paragraphs, pluralize


class Compose(Bodhi):
    """A step in composing a repository of updates."""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        ctype = m.text("ctype")
        return {
            **super().template_values(m),
            "repo": m.text("repo") or "a repository",
            "kind": f" ({ctype}s)" if ctype else "",
        }

    def long(self, m: MessageReader) -> str:
        return bullets(m.texts("updates"))


class ComposeStart(Compose):
    """Bodhi started a push."""

    topics = ("bodhi.compose.start",)
    title = "Push started"
    summary_template = "Bodhi started a push for {who}"
    severity = Severity.DEBUG
    example = sample(agent="releng")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "who": self.agent(m) or "somebody"}


class ComposeComposing(Compose):
    """Bodhi started to compose a repository."""

    topics = ("bodhi.compose.composing",)
    title = "Compose of updates started"
    summary_template = "Bodhi started to compose {repo}{kind}"
    group_summary_template = "Bodhi started to compose {repo:repositories}{kind}"
    severity = Severity.DEBUG
    example = sample(agent="releng", ctype="rpm", repo="f44-updates-testing", updates=["moss-2.4-1.fc44"])


class ComposeFailed(Compose):
    """Bodhi failed to compose a repository."""

    topics = ("bodhi.compose.complete",)
    rule = "bodhi_compose_failed"
    title = "Compose of updates failed"
    summary_template = "Bodhi failed to compose {repo}{kind}"
    group_summary_template = "Bodhi failed to compose {repo:repositories}{kind}"
    severity = Severity.ERROR
    count_noun = "failed compose"
    example = sample(agent="releng", ctype="rpm", repo="f44-updates-testing", success=False)

    def matches(self, m: MessageReader) -> bool:
        return m.value("success") is False


class ComposeComplete(Compose):
    """Bodhi composed a repository."""

    topics = ("bodhi.compose.complete",)
    title = "Compose of updates complete"
    summary_template = "Bodhi composed {repo}{kind}"
    group_summary_template = "Bodhi composed {repo:repositories}{kind}"
    example = sample(agent="releng", ctype="rpm", repo="f44-updates-testing", success=True)


class ComposeSyncWait(Compose):
    """Bodhi waits for a repository to reach the mirrors."""

    topics = ("bodhi.compose.sync.wait",)
    title = "Waiting for mirrors"
    summary_template = "Bodhi waits for {repo} to reach the mirrors"
    group_summary_template = "Bodhi waits for {repo:repositories} to reach the mirrors"
    severity = Severity.DEBUG
    example = sample(agent="releng", repo="f44-updates")


class ComposeSyncDone(Compose):
    """A repository that Bodhi waited for reached the mirrors."""

    topics = ("bodhi.compose.sync.done",)
    title = "Repository on the mirrors"
    summary_template = "{repo} reached the mirrors"
    group_summary_template = "Repositories reached the mirrors: {repo:repositories}"
    severity = Severity.DEBUG
    example = sample(agent="releng", repo="f44-updates")


class RepoDone(Compose):
    """A repository is ready to be signed."""

    topics = ("bodhi.repo.done",)
    title = "Repository ready"
    summary_template = "Bodhi finished building {repo}"
    group_summary_template = "Bodhi finished building {repo:repositories}"
    severity = Severity.DEBUG
    example = sample(agent="releng", repo="f44-updates", path="/mnt/koji/compose/updates/Fedora-44-updates-1")

    def long(self, m: MessageReader) -> str:
        return labelled(Path=m.text("path"))


class MasherStart(Compose):
    """Somebody started a push of updates."""

    topics = ("bodhi.masher.start", "bodhi.composer.start")
    rule = "bodhi_masher_start"
    title = "Push requested"
    summary_template = "{who} requested a push{of_what}"
    example = sample(agent="releng", updates=["moss-2.4-1.fc44", "lichen-1.0-2.fc44,lichen-data-1.0-1.fc44"])
    retired = True

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (package for title in m.texts("updates") for package in packages_in(title))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        updates, composes = len(m.nodes("updates")), len(m.nodes("composes"))
        number = pluralize(updates, "update") if updates else pluralize(
            composes, "repository", "repositories")
        return {**super().template_values(m), "of_what": f" of {number}" if updates or composes else ""}

    def long(self, m: MessageReader) -> str:
        composes = (
            f"{compose.text('content_type')} updates to {compose.text('request')}"
            + (", security" if compose.flag("security") else "")
            for compose in m.nodes("composes") if compose.text("content_type") and compose.text("request"))
        return paragraphs(super().long(m), bullets(composes))


class Mash(Compose):
    """A step in mashing a repository of updates, before Bodhi composed them."""

    retired = True


class MashStart(Mash):
    """The masher started a push."""

    topics = ("bodhi.mashtask.start",)
    rule = "bodhi_mashtask_start"
    title = "Mash started"
    summary_template = "The masher started a push"
    severity = Severity.DEBUG
    example = sample()


class MashMashing(Mash):
    """The masher started to mash a repository."""

    topics = ("bodhi.mashtask.mashing",)
    rule = "bodhi_mashtask_mashing"
    title = "Repository being mashed"
    summary_template = "The masher started to mash {repo}"
    severity = Severity.DEBUG
    example = sample(repo="f23-updates", updates=["moss-0.9-1.fc23"])


class MashComplete(Mash):
    """The masher finished a repository, or failed to."""

    topics = ("bodhi.mashtask.complete",)
    rule = "bodhi_mashtask_complete"
    title = "Mash complete"
    summary_template = "The masher {result} {repo}"
    example = sample(repo="f23-updates", success=True)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        failed = m.value("success") is False
        return {**super().template_values(m), "result": "failed to mash" if failed else "finished"}


class MashSyncWait(Mash):
    """The masher waits for a repository to reach the mirrors."""

    topics = ("bodhi.mashtask.sync.wait",)
    rule = "bodhi_mashtask_sync_wait"
    title = "Masher waiting for mirrors"
    summary_template = "The masher waits for {repo} to reach the mirrors"
    severity = Severity.DEBUG
    example = sample(repo="f23-updates")


class MashSyncDone(Mash):
    """A repository that the masher waited for reached the mirrors."""

    topics = ("bodhi.mashtask.sync.done",)
    rule = "bodhi_mashtask_sync_done"
    title = "Mashed repository on the mirrors"
    summary_template = "The masher finished waiting for {repo} to reach the mirrors"
    severity = Severity.DEBUG
    example = sample(repo="f23-updates")


EVENTS = (
    ComposeStart,
    ComposeComposing,
    ComposeFailed,
    ComposeComplete,
    ComposeSyncWait,
    ComposeSyncDone,
    RepoDone,
    MasherStart,
    MashStart,
    MashMashing,
    MashComplete,
    MashSyncWait,
    MashSyncDone,
)
