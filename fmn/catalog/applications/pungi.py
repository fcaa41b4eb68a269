"""Pungi, the program that composes releases: its notifications, phase by phase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import bullets, labelled, pluralize, quoted

#: A compose for examples.
COMPOSE: dict[str, Any] = {
    "compose_id": "Fedora-44-20260314.n.0",
    "location": "https://kojipkgs.fedoraproject.org/compose/branched/Fedora-44-20260314.n.0/compose",
}

#: Images are named by their place, which is long.
IMAGE = "/mnt/koji/compose/branched/Fedora-44-20260314.n.0/compose/Server/x86_64/iso/Fedora-Server-44.iso"


class Pungi(EventType):
    """Something happened in a compose."""

    def link(self, m: MessageReader) -> str:
        return m.text("location").rstrip("/").removesuffix("/compose")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        compose = m.text("compose_id")
        return {
            **super().template_values(m),
            "compose": f"the compose {compose}" if compose else "a compose",
            "the_compose": f"The compose {compose}" if compose else "A compose",
        }


class StatusChange(Pungi):
    """A compose changed to some other status."""

    topics = ("pungi.compose.status.change",)
    rule = "pungi_compose_status_change"
    title = "Compose in another status"
    summary_template = "{the_compose} changed its status{status}"
    example = sample(**COMPOSE, status="DELAYED")
    #: The status it stands for, by Pungi's name; ``""`` for all others.
    status: ClassVar[str] = ""

    def matches(self, m: MessageReader) -> bool:
        return not self.status or m.text("status") == self.status

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        status = m.text("status")
        return {**super().template_values(m), "status": f" to {status}" if status else ""}


class Started(StatusChange):
    """A compose started."""

    rule = "pungi_compose_started"
    title = "Compose started"
    summary_template = "{the_compose} started"
    example = sample(**COMPOSE, status="STARTED")
    status = "STARTED"


class Finished(StatusChange):
    """A compose finished, and nothing is missing in it."""

    rule = "pungi_compose_finished"
    title = "Compose finished"
    summary_template = "{the_compose} finished"
    example = sample(**COMPOSE, status="FINISHED")
    status = "FINISHED"


class FinishedIncomplete(StatusChange):
    """A compose finished, but some images that may be missing are missing."""

    rule = "pungi_compose_finished_incomplete"
    title = "Compose incomplete"
    summary_template = "{the_compose} finished, but isn't complete"
    severity = Severity.WARNING
    count_noun = "incomplete compose"
    example = sample(**COMPOSE, status="FINISHED_INCOMPLETE")
    status = "FINISHED_INCOMPLETE"


class Doomed(StatusChange):
    """A compose failed."""

    rule = "pungi_compose_failed"
    title = "Compose failed"
    summary_template = "{the_compose} failed"
    severity = Severity.ERROR
    count_noun = "failed compose"
    example = sample(**COMPOSE, status="DOOMED")
    status = "DOOMED"


class Terminated(StatusChange):
    """Somebody or something ended a compose early."""

    rule = "pungi_compose_terminated"
    title = "Compose terminated"
    summary_template = "{the_compose} was terminated"
    severity = Severity.ERROR
    count_noun = "terminated compose"
    example = sample(**COMPOSE, status="TERMINATED")
    status = "TERMINATED"


class FailToStart(Pungi):
    """A compose couldn't start, because of its options or its configuration."""

    topics = ("pungi.compose.fail.to.start",)
    rule = "pungi_compose_fail_to_start"
    title = "Compose didn't start"
    summary_template = "A compose{config} failed to start{detail}"
    severity = Severity.ERROR
    count_noun = "failed compose"
    example = sample(
        command=["/usr/bin/pungi-koji", "--config=fedora-cloud.conf"], config="fedora-cloud.conf",
        detail="no label given for a production compose", target_dir="/mnt/koji/compose",
    )

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        config, detail = m.text("config"), quoted(m.text("detail"))
        return {
            **super().template_values(m),
            "config": f" of {config}" if config else "",
            "detail": f": {detail}" if detail else "",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(
            Reason=m.text("detail"),
            Configuration=m.text("config"),
            Target=m.text("target_dir"),
            Command=" ".join(m.texts("command")),
        )


class Phase(Pungi):
    """Something happened in a phase of a compose."""

    severity = Severity.DEBUG
    example = sample(**COMPOSE, phase_name="createrepo")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        phase = m.text("phase_name")
        return {
            **super().template_values(m),
            "name": phase or "a phase",
            "phase": f"The phase {phase}" if phase else "A phase",
        }


class PhaseStart(Phase):
    """A phase of a compose started."""

    topics = ("pungi.compose.phase.start",)
    title = "Phase of a compose started"
    summary_template = "{phase} of {compose} started"
    group_summary_template = "Phases of {compose:composes} started: {name:phases}"


class PhaseStop(Phase):
    """A phase of a compose finished."""

    topics = ("pungi.compose.phase.stop",)
    title = "Phase of a compose finished"
    summary_template = "{phase} of {compose} finished"
    group_summary_template = "Phases of {compose:composes} finished: {name:phases}"


class Image(Pungi):
    """Something happened to an installation image."""

    severity = Severity.DEBUG
    example = sample(**COMPOSE, arch="x86_64", file=IMAGE, variant="Server")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "image": m.text("file").rpartition("/")[2] or "an image"}

    def long(self, m: MessageReader) -> str:
        return labelled(File=m.text("file"), Variant=m.text("variant"), Architecture=m.text("arch"))


class ImageDone(Image):
    """An installation image was made."""

    topics = ("pungi.compose.createiso.imagedone",)
    title = "Image created"
    summary_template = "Pungi made {image} of {compose}"
    group_summary_template = "Pungi made {image:images} of {compose:composes}"


class ImageFail(Image):
    """An installation image couldn't be made."""

    topics = ("pungi.compose.createiso.imagefail",)
    title = "Image failed"
    summary_template = "Pungi failed to make {image} of {compose}"
    group_summary_template = "Pungi failed to make {image:images} of {compose:composes}"
    severity = Severity.ERROR
    count_noun = "failed image"


class Targets(Pungi):
    """Pungi made its list of the installation images to make."""

    topics = ("pungi.compose.createiso.targets",)
    title = "List of images created"
    summary_template = "Pungi will make {images} of {compose}"
    severity = Severity.DEBUG
    example = sample(**COMPOSE, deliverables=[IMAGE])

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        number = len(m.texts("deliverables"))
        return {**super().template_values(m), "images": pluralize(number, "image") if number else "images"}

    def long(self, m: MessageReader) -> str:
        return bullets(m.texts("deliverables"))


class OSTree(Pungi):
    """Pungi committed to a tree of an image-based system."""

    topics = ("pungi.compose.ostree",)
    title = "OSTree commit"
    summary_template = "Pungi committed {compose} to {ref}"
    group_summary_template = "Pungi committed {compose:composes} to {ref:references}"
    example = sample(
        **COMPOSE, arch="x86_64", variant="Silverblue", ref="fedora/44/x86_64/silverblue",
        commitid="5b1c0f6d2f4ab9c1e7a1d22a43f0aa10c2b7d9115b1c0f6d2f4ab9c1e7a1d22a",
    )

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "ref": m.text("ref") or "an OSTree"}

    def long(self, m: MessageReader) -> str:
        return labelled(
            Ref=m.text("ref"),
            Commit=m.text("commitid"),
            Variant=m.text("variant"),
            Architecture=m.text("arch"),
        )


APPLICATION = Application(
    category="pungi",
    title="Pungi",
    help="The program that composes releases: phases, images, failures.",
    icon="https://apps.fedoraproject.org/img/icons/pungi.png",
    other=Pungi,
    events=(
        Started, Finished, FinishedIncomplete, Doomed, Terminated, StatusChange, FailToStart,
        PhaseStart, PhaseStop, Targets, ImageDone, ImageFail, OSTree,
    ),
)
