"""summershum, which took the checksums of all files in uploaded sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, Package, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, paragraphs

LOOKASIDE = "http://pkgs.fedoraproject.org/lookaside/pkgs"

#: Where packages are that it read sources of; dist-git had no other.
NAMESPACE = "rpms"


class Ingest(EventType):
    """Anything from summershum: a step in reading what somebody uploaded, as dist-git had announced it."""

    example = sample(original={
        "agent": "mary", "name": "moss", "filename": "moss-2.4.tar.xz",
        "md5sum": "0f343b0931126a20f133d67c2b018a3b",
    })

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "original", "agent") or None

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (Package(NAMESPACE, m.text("original", "name").rpartition("/")[2]),)

    def link(self, m: MessageReader) -> str:
        upload = m.at("original")
        file = upload.text("filename")
        return page(LOOKASIDE, upload.text("name"), file, upload.text("md5sum"), file)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            "file": m.text("original", "filename") or "a file",
            "package": m.text("original", "name") or "a package",
        }

    def long(self, m: MessageReader) -> str:
        upload = m.at("original")
        facts = labelled(
            Uploaded_by=person(upload, "agent"), File=upload.text("filename"), Checksum=upload.text("md5sum"))
        return paragraphs(m.text("error"), facts)


class IngestStart(Ingest):
    """It started to read a file."""

    topics = ("summershum.ingest.start",)
    rule = "summershum_ingest_start"
    title = "Source reading started"
    summary_template = "summershum started to read {file} of {package}"
    group_summary_template = "summershum started to read {file:files}"
    severity = Severity.DEBUG


class IngestComplete(Ingest):
    """It read a file."""

    topics = ("summershum.ingest.complete",)
    rule = "summershum_ingest_complete"
    title = "Source reading complete"
    summary_template = "summershum read {file} of {package}"
    group_summary_template = "summershum read {file:files}"
    severity = Severity.DEBUG


class IngestFail(Ingest):
    """It couldn't read a file."""

    topics = ("summershum.ingest.fail",)
    rule = "summershum_ingest_fail"
    title = "Source reading failed"
    summary_template = "summershum couldn't read {file} of {package}"
    group_summary_template = "summershum couldn't read {file:files}"
    severity = Severity.WARNING
    example = sample(**Ingest.example, error="not a gzip file")


APPLICATION = Application(
    category="summershum",
    title="summershum",
    help="Checksums of the files in uploaded sources.",
    catchall="summershum_catchall",
    icon="https://raw.githubusercontent.com/fedora-infra/summershum/develop/summershum.png",
    retired=True,
    other=Ingest,
    events=(IngestStart, IngestComplete, IngestFail),
)
