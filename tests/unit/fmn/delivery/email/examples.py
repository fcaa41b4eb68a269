"""Deliveries to try: what Alice is told of the packages that she maintains with Bob."""

from __future__ import annotations

import email
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

from hypothesis import strategies as st

from fmn.catalog import Description, Message, Severity
from fmn.catalog.group_summaries import GroupSummaryPart
from fmn.delivery.contract import RenderedDelivery, RenderedNotification
from fmn.delivery.email.formatter import format_mail
from fmn.delivery.email.mail_options import MailOptions
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.signed_links import Links
from fmn.people.preferences import Presentation

MORNING = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
LINKS = Links("https://fmn.example.org", "a secret of the tests")
SETTINGS = EmailSettings(sender="fmn@example.org", list_id="fmn.example.org")
#: Anything that JSON can hold, halves of surrogate pairs among it.
ANYTHING = st.text(st.characters(categories=["L", "N", "P", "S", "Z", "C"]))
OPTIONS = MailOptions(SETTINGS, LINKS, {"bodhi": "Bodhi", "git": "dist-git", "buildsys": "Koji"})


def a_notification(
    number: int = 1, *, category: str = "bodhi", event: str = "update.comment",
    summary: str = "bob commented on update FEDORA-2026-1a2b (php-8.4.2)", long: str = "Works here.",
    link: str = "https://bodhi.example.org/updates/FEDORA-2026-1a2b",
) -> RenderedNotification:
    """The notification with this number, as many minutes after nine twenty-six."""
    message = Message(
        f"2026-{number}", f"org.example.prod.{category}.{event}", MORNING + timedelta(minutes=number), {})
    description = Description(
        message.title, summary, long, link, "", "", Severity.INFO, message.title, GroupSummaryPart())
    return RenderedNotification(
        message, description, "bob", ["bob", "alice"], ["rpms/php"], 7, "Packages that I own", 1000 + number)


def a_delivery(
    *items: RenderedNotification, destination: str = "alice@example.org", key: str = "single:1:1",
    **wanted: bool,
) -> RenderedDelivery:
    """Those items, or a usual one, for Alice, who wants them to look like this."""
    return RenderedDelivery(
        key, "alice", 3, destination, items or (a_notification(),), MORNING + timedelta(hours=3),
        presentation=Presentation(**wanted))


def some_notifications() -> Sequence[RenderedNotification]:
    """Five items of three applications and two filters."""
    push = a_notification(2, category="git", event="receive", summary="bob pushed to rpms/php (rawhide)",
                   long="--- a/php.spec\n+++ b/php.spec\n-Version: 8.4.1\n+Version: 8.4.2", link="")
    builds = [a_notification(n, category="buildsys", event="build.state.change", long="", link=f"https://koji.example.org/{n}",
                      summary=f"bob's php-8.4.{n} built") for n in (3, 4)]
    own = replace(a_notification(185), filter_id=8, filter_name="My username")
    return [a_notification(), push, *builds, own]


def pushes(number: int) -> Sequence[RenderedNotification]:
    """So many pushes of Ralph's, each to a package of its own, a minute after the other."""
    names = ["ghc", *(f"ghc-{n}" for n in range(1, number))]
    return [_push(n, package) for n, package in enumerate(names, 1)]


def _push(number: int, package: str) -> RenderedNotification:
    summary = f"ralph pushed to rpms/{package}"
    item = a_notification(number, category="git", event="receive", summary=summary, long="",
                   link=f"https://src.example.org/{number}")
    telling = GroupSummaryPart.of("{who:people} pushed to {name:packages}", {"who": "ralph", "name": package})
    return replace(item, description=replace(item.description, group_summary_part=telling), agent="ralph",
                   packages=[f"rpms/{package}"])


def received(delivery: RenderedDelivery, options: MailOptions = OPTIONS) -> EmailMessage:
    """The mail as the recipient's program reads it from the wire."""
    # Lines end with CR and LF on the way only.
    wire = format_mail(delivery, options).as_bytes().replace(b"\r\n", b"\n")
    return email.message_from_bytes(wire, policy=default)


def part(mail: EmailMessage, subtype: str) -> str:
    """The text of the ``plain`` or the ``html`` part."""
    body = mail.get_body((subtype,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


class Page(HTMLParser):
    """The text and the links that a reader of an HTML part has before them, and all elements in it."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.elements: set[str] = set()
        self._unseen = 0
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self._unseen += tag in {"style", "title"}
        self.links += [value for name, value in attrs if name in {"href", "src"} and value]

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        self.text += "" if self._unseen else data


def options_with(**settings: object) -> MailOptions:
    """The usual options with other settings."""
    return replace(OPTIONS, settings=EmailSettings.model_validate({**SETTINGS.model_dump(), **settings}))
