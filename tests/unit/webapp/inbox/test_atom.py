from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, fromstring

from hypothesis import given
from hypothesis import strategies as st

from webapp.inbox.atom import AtomEntry, AtomFeed, render_atom

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAMES = {"a": "http://www.w3.org/2005/Atom"}


def entry(text: str = "Works here.", related: str = "https://bodhi.example.org/1") -> AtomEntry:
    return AtomEntry(
        key="tag:example.org,2026-05-04:1", title="tom commented", category="Bodhi", at=NOON,
        page="https://example.org/why/1", related=related, text=text)


def read(*entries: AtomEntry) -> Element:
    return fromstring(render_atom(AtomFeed(  # noqa: S314 (it's ours)
        key="tag:example.org,2026-05-04:feed", title="Alice’s", at=NOON, address="https://example.org/feed/1",
        page="https://example.org/inbox", entries=entries)))


def found(element: Element, tag: str) -> str | None:
    return element.findtext(f"a:{tag}", namespaces=NAMES)


def links(element: Element) -> dict[str | None, str | None]:
    return {link.get("rel"): link.get("href") for link in element.findall("a:link", NAMES)}


def test_has_what_a_feed_must_have() -> None:
    """RFC 4287, section 4.1.1: an id, a title, when it was updated, an author, and a link to itself."""
    feed = read()
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    assert found(feed, "id") == "tag:example.org,2026-05-04:feed"
    assert found(feed, "title") == "Alice’s"
    assert found(feed, "updated") == "2026-05-04T12:00:00+00:00"
    assert feed.findtext("a:author/a:name", namespaces=NAMES) == "FMN"
    assert links(feed) == {"self": "https://example.org/feed/1", "alternate": "https://example.org/inbox"}


def test_has_entries_with_all_that_readers_want() -> None:
    one, other = read(entry(), entry(related="")).findall("a:entry", NAMES)
    assert found(one, "id") == "tag:example.org,2026-05-04:1"
    assert (found(one, "title"), found(one, "content")) == ("tom commented", "Works here.")
    assert found(one, "updated") == found(one, "published") == "2026-05-04T12:00:00+00:00"
    assert links(one) == {
        "alternate": "https://example.org/why/1", "related": "https://bodhi.example.org/1"}
    assert links(other) == {"alternate": "https://example.org/why/1"}
    category = one.find("a:category", NAMES)
    assert category is not None
    assert category.get("term") == "Bodhi"


@given(st.text())
def test_can_be_read_whatever_is_in_it(text: str) -> None:
    (one,) = read(entry(text)).findall("a:entry", NAMES)
    content = found(one, "content") or ""
    assert len(content) <= len(text)
    if text.isprintable():
        assert content == text
