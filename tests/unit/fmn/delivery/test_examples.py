"""What people are told of every event type of the catalogue, in every format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from fmn.catalog import EventType, catalog
from fmn.delivery.contract import RenderedDelivery, RenderedNotification
from fmn.delivery.email.headers import LONGEST_SUBJECT
from fmn.delivery.email.mail_options import MailOptions
from fmn.delivery.irc.formatter import format_lines
from fmn.delivery.irc.line_splitting import LONGEST_LINE
from fmn.delivery.sse.formatter import format_events
from fmn.infra.public_ids import PublicId
from fmn.text import one_line
from tests.every_event import every_event
from tests.unit.fmn.delivery.email.examples import LINKS, SETTINGS, Page, a_delivery, part, received

APPLICATIONS = {category: known.title for category, known in catalog().applications.items()}
OPTIONS = MailOptions(SETTINGS, LINKS, APPLICATIONS)

#: What shows that a value was put in a text as a program writes it.
RAW = re.compile(r"\b(None|null|True|False|frozenset)\b|\{\}|\[\]|[{\[]['\"{]|['\"][}\]]|<fmn|\bdict_")

#: Elements that have no end tag.
VOID = {"meta", "br", "img", "hr", "link", "input"}


def item_of(event: EventType) -> RenderedNotification:
    """The example as somebody is notified of it."""
    message = event.example_message()
    facts = catalog().facts(message)
    return RenderedNotification(
        message, catalog().describe(message), facts.agent, sorted(facts.usernames),
        sorted(map(str, facts.packages)), 7, "Packages that I own", 1001)


def delivery_of(event: EventType, *, markup: bool = True) -> RenderedDelivery:
    return a_delivery(item_of(event), markup=markup)


def mail_of(event: EventType) -> EmailMessage:
    return received(delivery_of(event), OPTIONS)


def summary_of(event: EventType) -> str:
    return catalog().describe(event.example_message()).summary


def assert_clean(text: str) -> None:
    """Nothing in it that only a program would write."""
    assert not RAW.search(text), text
    for line in text.split("\n"):
        # The blank behind the dashes belongs to the mark in front of a signature.
        assert line == line.rstrip() or line == "-- ", text


class Elements(HTMLParser):
    """Fails on markup in which an element isn't closed where it should be."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@every_event
def test_a_mail_s_subject_is_short_and_plain(event: EventType) -> None:
    subject = str(mail_of(event)["Subject"])

    assert_clean(subject)
    assert 10 <= len(subject) <= LONGEST_SUBJECT
    assert summary_of(event).startswith(subject.removesuffix("…"))


@every_event
def test_a_mail_s_plain_text_says_what_happened(event: EventType) -> None:
    text = part(mail_of(event), "plain")

    assert_clean(text)
    assert summary_of(event) in one_line(text)
    assert_links_lead_to_the_web(re.findall(r"\b\w+://\S*", text))


@every_event
def test_a_mail_s_html_says_the_same_and_nothing_of_it_is_markup(event: EventType) -> None:
    markup = part(mail_of(event), "html")
    page = Page(markup)

    Elements(markup)
    assert page.elements <= {"html", "head", "meta", "title", "style", "body", "div", "h1", "a", "br"}
    assert summary_of(event) in one_line(page.text)
    assert_clean("\n".join(line.rstrip() for line in page.text.split("\n")))
    assert_links_lead_to_the_web(page.links)


@pytest.mark.parametrize("colours", [False, True], ids=["plain", "coloured"])
@every_event
def test_irc_lines_say_what_happened(event: EventType, colours: bool) -> None:
    lines = format_lines(delivery_of(event, markup=colours), APPLICATIONS, LINKS)

    assert len(lines) <= 3
    for line in lines:
        assert_clean(line)
        assert len(line.encode()) <= LONGEST_LINE
        assert line.isprintable() != (colours and line is lines[0])
    assert summary_of(event) in " ".join(lines)
    assert lines[-1].endswith(f"Why: {LINKS.why(PublicId(1001))}")
    assert_links_lead_to_the_web(re.findall(r"\b\w+://\S*", " ".join(lines)))


@every_event
def test_a_server_sent_event_says_what_happened(event: EventType) -> None:
    [sent] = format_events(delivery_of(event), APPLICATIONS, LINKS)
    told = json.loads(sent.text)

    assert told["summary"] == Page(told["markup"]).text == summary_of(event)
    assert (told["event_type"], told["severity"]) == (event.name, event.severity)
    assert told["application"] == event.application.title
    for text in texts_in(told):
        assert_clean(text)
    assert_links_lead_to_the_web(
        told[field] for field in ("link", "icon", "secondary_icon", "why") if told[field])


def texts_in(told: dict[str, object]) -> Iterator[str]:
    for value in told.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from value


def assert_links_lead_to_the_web(links: Iterator[str] | list[str]) -> None:
    for link in links:
        assert re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?(/\S*)?", link)
