"""Atom feeds (:rfc:`4287`).

Written with the standard library: feedgen would bring lxml along for a document of a dozen elements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

MEDIA_TYPE: Final = "application/atom+xml"
_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
#: XML 1.0 has no way to write these, and the library writes them all the same.
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class AtomEntry:
    """A feed entry. ``key`` is its permanent id; ``related`` may be ``""``."""

    key: str
    title: str
    category: str
    at: datetime
    page: str
    related: str
    text: str


@dataclass(frozen=True)
class AtomFeed:
    """Atom feed. ``address`` is its own URL, ``page`` that of the page for people, ``key`` its id."""

    key: str
    title: str
    at: datetime
    address: str
    page: str
    entries: Sequence[AtomEntry]


def render_atom(feed: AtomFeed) -> bytes:
    """Render a feed as an XML document."""
    root = Element("feed", xmlns=_NAMESPACE)
    _text(root, "id", feed.key)
    _text(root, "title", feed.title)
    _text(root, "updated", feed.at.isoformat())
    _text(SubElement(root, "author"), "name", "FMN")
    SubElement(root, "link", rel="self", type=MEDIA_TYPE, href=feed.address)
    SubElement(root, "link", rel="alternate", type="text/html", href=feed.page)
    for entry in feed.entries:
        _entry(SubElement(root, "entry"), entry)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entry(element: Element, entry: AtomEntry) -> None:
    _text(element, "id", entry.key)
    _text(element, "title", entry.title)
    _text(element, "published", entry.at.isoformat())
    _text(element, "updated", entry.at.isoformat())
    SubElement(element, "link", rel="alternate", type="text/html", href=entry.page)
    if entry.related:
        SubElement(element, "link", rel="related", href=_writable(entry.related))
    SubElement(element, "category", term=_writable(entry.category))
    _text(element, "content", entry.text)


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = _writable(text)


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
