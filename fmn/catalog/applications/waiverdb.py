"""WaiverDB, where people say that a failed or missing test result doesn't matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.builds import package_name
from fmn.catalog.events import Application, EventType, Package, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, paragraphs, quoted

WAIVERS = "https://waiverdb-web-waiverdb.app.os.fedoraproject.org/api/v1.0/waivers"


class WaiverNew(EventType):
    """Somebody waived a test result, or took a waiver back.

    At first messages named the result by its number; today they name the test and what it tested.
    """

    topics = ("waiverdb.waiver.new",)
    title = "Result waived"
    threaded = False
    summary_template = "{who} {did} {result}{product}{comment}"
    group_summary_template = "{who:people} {did:alike} {result:results}{product}"
    example = sample(
        id=8, username="mary", waived=True, comment="The machine had no disk left.",
        product_version="fedora-44", testcase="dist.rpmlint",
        subject_type="koji_build", subject_identifier="moss-2.4-1.fc44",
        subject={"type": "koji_build", "item": "moss-2.4-1.fc44"}, proxied_by=None,
        timestamp="2026-03-14T09:26:53.466388",
    )

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "username") or None

    def packages(self, m: MessageReader) -> Iterable[Package]:
        if m.text("subject_type") == "koji_build":
            yield Package("", package_name(m.text("subject_identifier")))

    def link(self, m: MessageReader) -> str:
        return page(WAIVERS, m.text("id"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        product, comment = m.text("product_version"), quoted(m.text("comment"))
        taken_back = m.value("waived") is False
        return {
            **super().template_values(m),
            "did": "took back the waiver of" if taken_back else "waived",
            "result": result_of(m),
            "product": f" for {product}" if product else "",
            "comment": f": {comment}" if comment else "",
        }

    def long(self, m: MessageReader) -> str:
        about = labelled(
            Test=m.text("testcase"),
            Subject=m.text("subject_identifier"),
            Result=m.text("result_id"),
            Product=m.text("product_version"),
            By_way_of=person(m, "proxied_by"),
        )
        return paragraphs(m.text("comment"), about)


def result_of(m: MessageReader) -> str:
    """A test result as part of a sentence."""
    test, subject, number = m.text("testcase"), m.text("subject_identifier"), m.text("result_id")
    if test and subject:
        return f"{test} of {subject}"
    return test or (f"result {number}" if number else "a result")


APPLICATION = Application(
    category="waiverdb",
    title="WaiverDB",
    help="Failed or missing test results that somebody says don't matter.",
    icon="https://apps.fedoraproject.org/img/icons/waiverdb.png",
    other=WaiverNew,
    events=(WaiverNew,),
)
