"""URLs in texts of others become links, and nothing else becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.text_links import MAX_LINKS, link_urls

PIECES = [
    "https://example.org/a?b=1&c=2", "http://", "https://a.b/(c)", "<", ">", '"', "'", "&amp;", "\n", " ",
    "@", "javascript:", "www.example.org", "ftp://a.b", "mailto:a@b.c", "//a.b", "\u202e", "x", "http://u:p@a.b",
    "<script>"]


class Reader(HTMLParser):
    """The links of a piece of HTML, its text, and what else there is of elements and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.text = ""
        self.others: list[object] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        match tag, attrs:
            case "a", [("href", str(href)), ("rel", "noreferrer")]:
                self.links.append(href)
            case _:
                self.others.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map("".join))
def test_a_text_is_what_it_was_with_links_to_pages(text: str) -> None:
    found = Reader(link_urls(text))

    assert found.others == []
    assert all(link.lower().startswith(("http://", "https://")) and link in text for link in found.links)
    # The parser reads line ends as it does in pages.
    assert found.text.replace("\r", "\n") == text.replace("\r", "\n").replace("\0", "\ufffd") or "\0" in text


@pytest.mark.parametrize(("text", "links"), [
    ("see https://example.org/a?b=1&c=2), or http://b.c/d_(e).", [
        "https://example.org/a?b=1&c=2", "http://b.c/d_(e)"]),
    ("HTTPS://example.org/A", ["HTTPS://example.org/A"]),
    ("http://localhost:8080/x", ["http://localhost:8080/x"]),
    ("javascript://a.b ftp://a.b mailto:a@b.c www.example.org //a.b", []),
    ("https://bank.example@evil.example/", []),
    ("http://a.b\u202e/c", []),
])
def test_pages_are_linked_and_nothing_else(text: str, links: list[str]) -> None:
    assert Reader(link_urls(text)).links == links


def test_a_text_has_only_so_many_links() -> None:
    found = Reader(link_urls("http://a.b " * 5_000))
    assert len(found.links) == MAX_LINKS
    assert found.text == "http://a.b " * 5_000
