"""Composes of whole releases, as release engineering's scripts announce them.

A topic names the release (``rawhide``, ``branched``, ``43``), often a part of the work, and what became
of it. Bodies tell little, older ones nothing but that it started or is done, and that wrongly at times.
"""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled

COMPOSES = "https://kojipkgs.fedoraproject.org/compose/"

#: The parts of a compose by their names in topics. Since Pungi 4 (2016) only ``rsync`` is announced;
#: all after ``image`` made the images of released versions anew.
PARTS = {
    "mash": "Mashing {}",
    "pungify": "Making boot images of {}",
    "image": "Making other images of {}",
    "rsync": "Copying {} to the mirrors",
    "make-updates": "Making updated images of {}",
    "cloudimg-build": "Building cloud images of {}",
    "cloudimg-checksum": "Checksumming cloud images of {}",
    "cloudimg-staging": "Copying cloud images of {} to the mirrors",
    "mash-atomic": "Mashing Atomic updates of {}",
    "atomic-lorax": "Making Atomic installers of {}",
}

#: What happened, by the last part of the topic.
OUTCOMES = {
    "start": "started", "complete": "is complete", "done": "is complete", "stop": "is complete",
}

#: Where a topic names a part of the work: ``compose.rawhide.rsync.start``.
PART_POSITION = 2

#: Releases by their names in topics, where the body of a message tells no better one.
RELEASES = {"rawhide": "Rawhide", "bikeshed": "Bikeshed", "epelbeta": "EPEL beta", "branched": "Branched"}


class Compose(EventType):
    """Something happened to a compose."""

    summary_template = "{what} {outcome}"

    def link(self, m: MessageReader) -> str:
        return m.text("location") or COMPOSES

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "what": what_of(m),
            "outcome": OUTCOMES.get(m.topic_part(-1), "changed"),
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Compose=m.text("compose_id"), Architecture=m.text("arch"), Location=m.text("location"))


def what_of(m: MessageReader) -> str:
    """What happens, as the subject of a sentence: ``The compose of Fedora 44``, ``Mashing Fedora 18``."""
    details = ", ".join(filter(None, [m.text("compose_id"), m.text("arch")]))
    release = f"{release_of(m)} ({details})" if details else release_of(m)
    if not m.topic_part(PART_POSITION + 1):
        return f"The compose of {release}"
    part = m.topic_part(PART_POSITION)
    return PARTS[part].format(release) if part in PARTS else f"The step {part} for {release}"


def release_of(m: MessageReader) -> str:
    """The release that a compose is for: ``Fedora Rawhide``, ``Fedora-Cloud 28``, ``EPEL beta``."""
    branch = m.text("branch")
    # For some months of 2017, modular composes had no name of their own but such branches.
    version = branch.removeprefix("Modular-")
    name = m.text("short") or ("Fedora" if version == branch else "Fedora-Modular")
    in_topic = m.topic_part(1)
    if not version and in_topic == "epelbeta":
        return RELEASES[in_topic]
    version = version or in_topic
    return f"{name} {RELEASES.get(version.lower(), version)}"


class RawhideStart(Compose):
    """A compose of Rawhide started."""

    topics = ("compose.rawhide.start",)
    rule = "compose_rawhide_start"
    title = "Compose of Rawhide started"
    example = sample(arch="", branch="rawhide", log="start", short="Fedora")


class RawhideComplete(Compose):
    """A compose of Rawhide is complete."""

    topics = ("compose.rawhide.complete",)
    rule = "compose_rawhide_complete"
    title = "Compose of Rawhide complete"
    example = sample(
        arch="", branch="rawhide", log="done", short="Fedora", compose_id="Fedora-Rawhide-20260314.n.0",
        location=f"{COMPOSES}rawhide/Fedora-Rawhide-20260314.n.0/compose",
    )


class RawhideRsyncStart(Compose):
    """Rawhide is being copied to the mirrors."""

    topics = ("compose.rawhide.rsync.start",)
    rule = "compose_rawhide_rsync_start"
    title = "Rawhide being copied to the mirrors"
    severity = Severity.DEBUG
    example = RawhideComplete.example


class RawhideRsyncComplete(Compose):
    """Rawhide was copied to the mirrors."""

    topics = ("compose.rawhide.rsync.complete",)
    rule = "compose_rawhide_rsync_complete"
    title = "Rawhide on the mirrors"
    example = RawhideComplete.example


class ComposeStart(Compose):
    """A compose of any other release started."""

    topics = ("compose.*.start",)
    rule = "compose_start"
    title = "Compose of another release started"
    example = sample(arch="", branch="44", log="start", short="Fedora-Cloud")
    example_topic = "compose.44.start"


class ComposeComplete(Compose):
    """A compose of any other release is complete."""

    topics = ("compose.*.complete", "compose.*.done", "compose.*.stop")
    rule = "compose_complete"
    title = "Compose of another release complete"
    example = sample(
        arch="", branch="44", log="done", short="Fedora-Cloud", compose_id="Fedora-Cloud-44-20260314.0",
        location=f"{COMPOSES}cloud/Fedora-Cloud-44-20260314.0/compose",
    )
    example_topic = "compose.44.complete"


class PartStart(Compose):
    """Some part of a compose of any other release started."""

    topics = ("compose.*.*.start",)
    rule = "compose_part_start"
    title = "Part of a compose started"
    severity = Severity.DEBUG
    example = ComposeComplete.example
    example_topic = "compose.44.rsync.start"


class PartComplete(Compose):
    """Some part of a compose of any other release is complete."""

    topics = ("compose.*.*.complete", "compose.*.*.done", "compose.*.*.stop")
    rule = "compose_part_complete"
    title = "Part of a compose complete"
    severity = Severity.DEBUG
    example = ComposeComplete.example
    example_topic = "compose.44.rsync.complete"


class Formerly(Compose):
    """A step as composes were announced before Pungi 4."""

    severity = Severity.DEBUG
    retired = True
    example = sample(arch="arm", branch="18", log="done")


#: Architectures like this one had composes of their own.
RAWHIDE_ON_ARM = sample(arch="arm", branch="rawhide", log="done")


class RawhideMashStart(Formerly):
    """Rawhide's packages are being gathered."""

    topics = ("compose.rawhide.mash.start",)
    rule = "compose_rawhide_mash_start"
    title = "Mash of Rawhide started"
    example = RAWHIDE_ON_ARM


class RawhideMashComplete(Formerly):
    """Rawhide's packages were gathered."""

    topics = ("compose.rawhide.mash.complete",)
    rule = "compose_rawhide_mash_complete"
    title = "Mash of Rawhide complete"
    example = RAWHIDE_ON_ARM


class RawhidePungifyStart(Formerly):
    """Rawhide's boot images are being made."""

    topics = ("compose.rawhide.pungify.start",)
    rule = "compose_rawhide_pungify_start"
    title = "Boot images of Rawhide started"
    example = RAWHIDE_ON_ARM


class RawhidePungifyComplete(Formerly):
    """Rawhide's boot images were made."""

    topics = ("compose.rawhide.pungify.complete",)
    rule = "compose_rawhide_pungify_complete"
    title = "Boot images of Rawhide complete"
    example = RAWHIDE_ON_ARM


class BranchedStart(Formerly):
    """A compose of the next release started."""

    topics = ("compose.branched.start",)
    rule = "compose_branched_start"
    title = "Compose of the next release started"
    severity = Severity.INFO


class BranchedComplete(Formerly):
    """A compose of the next release is complete."""

    topics = ("compose.branched.complete",)
    rule = "compose_branched_complete"
    title = "Compose of the next release complete"
    severity = Severity.INFO


class BranchedMashStart(Formerly):
    """The next release's packages are being gathered."""

    topics = ("compose.branched.mash.start",)
    rule = "compose_branched_mash_start"
    title = "Mash of the next release started"


class BranchedMashComplete(Formerly):
    """The next release's packages were gathered."""

    topics = ("compose.branched.mash.complete",)
    rule = "compose_branched_mash_complete"
    title = "Mash of the next release complete"


class BranchedPungifyStart(Formerly):
    """The next release's boot images are being made."""

    topics = ("compose.branched.pungify.start",)
    rule = "compose_branched_pungify_start"
    title = "Boot images of the next release started"


class BranchedPungifyComplete(Formerly):
    """The next release's boot images were made."""

    topics = ("compose.branched.pungify.complete",)
    rule = "compose_branched_pungify_complete"
    title = "Boot images of the next release complete"


class BranchedRsyncStart(Formerly):
    """The next release is being copied to the mirrors."""

    topics = ("compose.branched.rsync.start",)
    rule = "compose_branched_rsync_start"
    title = "Next release being copied to the mirrors"


class BranchedRsyncComplete(Formerly):
    """The next release was copied to the mirrors."""

    topics = ("compose.branched.rsync.complete",)
    rule = "compose_branched_rsync_complete"
    title = "Next release on the mirrors"


class EpelBetaStart(Formerly):
    """A compose of the beta of EPEL started."""

    topics = ("compose.epelbeta.start",)
    rule = "compose_epelbeta_start"
    title = "Compose of EPEL beta started"
    severity = Severity.INFO
    example = sample(log="start")


class EpelBetaComplete(Formerly):
    """A compose of the beta of EPEL is complete."""

    topics = ("compose.epelbeta.complete",)
    rule = "compose_epelbeta_complete"
    title = "Compose of EPEL beta complete"
    severity = Severity.INFO
    example = sample(log="done")


APPLICATION = Application(
    category="compose",
    title="Composes",
    help="Composes of releases: started, complete, copied to the mirrors.",
    catchall="compose_catchall",
    other=Compose,
    events=(
        RawhideStart, RawhideComplete, RawhideRsyncStart, RawhideRsyncComplete,
        ComposeStart, ComposeComplete, PartStart, PartComplete,
        RawhideMashStart, RawhideMashComplete, RawhidePungifyStart, RawhidePungifyComplete,
        BranchedStart, BranchedComplete, BranchedMashStart, BranchedMashComplete,
        BranchedPungifyStart, BranchedPungifyComplete, BranchedRsyncStart, BranchedRsyncComplete,
        EpelBetaStart, EpelBetaComplete,
    ),
)
