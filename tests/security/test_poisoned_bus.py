"""What a publisher with a good certificate and bad intentions brings into texts: nothing that acts."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from typing import Any, Final

import pytest

from fmn.catalog import catalog
from fmn.delivery.apprise.formatter import format_message
from fmn.delivery.contract import RenderedNotification
from fmn.delivery.email.mail_options import MailOptions
from fmn.delivery.irc.formatter import format_lines
from fmn.delivery.irc.line_splitting import LONGEST_LINE
from fmn.delivery.sse.formatter import format_events
from tests.security.poisoned_messages import items
from tests.unit.fmn.delivery.email.examples import LINKS, SETTINGS, a_delivery, part, received

APPLICATIONS: Final = {category: known.title for category, known in catalog().applications.items()}
OPTIONS: Final = MailOptions(SETTINGS, LINKS, APPLICATIONS)
#: Control characters, halves of surrogate pairs, and ends of lines that only Unicode knows.
HARMFUL: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: What our mails have.
HEADERS: Final = {*received(a_delivery(), OPTIONS).keys(), "In-Reply-To", "References"}
ELEMENTS: Final = frozenset({"html", "head", "meta", "title", "style", "body", "div", "h1", "a", "br"})
ATTRIBUTES: Final = frozenset({"lang", "class", "style", "charset", "name", "href", "rel", "content"})


@pytest.fixture(scope="module")
def poisoned() -> Sequence[RenderedNotification]:
    return list(items())


class Markup(HTMLParser):
    """What elements, attributes and links there are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in {"href", "src"} and value]


def assert_harmless(text: str, allowed: str = "") -> None:
    found = {f"U+{ord(each):04X}" for each in text if each not in allowed and (
        unicodedata.category(each) in HARMFUL or each in TURNING)}
    assert not found, text


def assert_lead_to_the_web(links: Iterable[str]) -> None:
    for link in links:
        assert re.match(r"https?://", link)


def test_an_irc_line_is_one_line_that_fits(poisoned: Sequence[RenderedNotification]) -> None:
    for item in poisoned:
        for line in format_lines(a_delivery(item, markup=False), APPLICATIONS, LINKS):
            assert_harmless(line)
            assert len(line.encode()) <= LONGEST_LINE


def test_a_mail_has_its_headers_and_elements_alone(poisoned: Sequence[RenderedNotification]) -> None:
    for item in poisoned[::4]:  # it takes the standard library longer to read mails than us to write them
        mail = received(a_delivery(item, markup=True), OPTIONS)
        assert set(mail.keys()) <= HEADERS
        for name in ("Subject", "From", "To", "List-Id"):
            assert_harmless(mail[name])
        html = part(mail, "html")
        for text in (part(mail, "plain"), html):
            assert_harmless(text, allowed="\n\t")
        page = Markup(html)
        assert page.elements <= ELEMENTS
        assert page.attributes <= ATTRIBUTES
        assert_lead_to_the_web(page.links)


def test_an_event_of_the_live_feed_is_one_line_of_json(poisoned: Sequence[RenderedNotification]) -> None:
    for item in poisoned:
        for event in format_events(a_delivery(item), APPLICATIONS, LINKS):
            assert_harmless(event.text)
            told = json.loads(event.text)
            page = Markup(told["markup"])
            assert page.elements <= {"a"}
            assert page.attributes <= {"href"}
            assert_lead_to_the_web([
                *page.links, *filter(None, (told[name] for name in ("link", "icon", "secondary_icon")))])
            for text in texts_in(told):
                assert_harmless(text, allowed="\n\t")


def texts_in(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner)


@pytest.mark.parametrize("markdown", [False, True], ids=["plain", "markdown"])
def test_a_chat_calls_nobody_and_leads_nowhere_else(
    poisoned: Sequence[RenderedNotification], markdown: bool,
) -> None:
    for item in poisoned:
        message = format_message(a_delivery(item), APPLICATIONS, LINKS, room=2000, markdown=markdown)
        assert_harmless(message.title)
        assert_harmless(message.text, allowed="\n\t")
        assert not re.search(r"[@!](everyone|here|channel)", message.title + message.text)
        if markdown:
            assert_lead_to_the_web(re.findall(r"(?<!\\)\]\(([^)]*)\)", message.text))
            assert not re.search(r"(?<!\\)!\[", message.text)
