"""URLs in texts of others as links, for HTML."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from fmn.catalog.urls import safe_link

#: Links in a text; URLs after these stay text.
MAX_LINKS: Final = 200


def link_urls(text: str, attributes: str = "") -> str:
    """The text as HTML, escaped, with links to the ``http`` and ``https`` URLs in it.

    ``attributes`` are those of each link, as HTML. URLs with a user name stay text: what is before the ``@``
    looks like a host and isn't.
    """
    # Most texts have none, and a mail server sends many.
    return "".join(_parts(text, attributes)) if "://" in text else escape(text)


def _parts(text: str, attributes: str) -> Iterator[str]:
    end = 0
    for match in (_finder().match(text) or ())[:MAX_LINKS]:
        url = match.raw
        if not safe_link(url) or "@" in urlsplit(url).netloc:
            continue
        yield escape(text[end:match.index])
        yield f'<a{attributes} href="{escape(url)}" rel="noreferrer">{escape(url)}</a>'
        end = match.last_index
    yield escape(text[end:])


@cache
def _finder() -> Any:
    """Finds URLs with a scheme, where people would see their end."""
    # Imported where there's a URL, and by no worker before.
    from linkify_it import LinkifyIt  # noqa: PLC0415

    finder = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("//", "ftp:", "mailto:"):
        finder.add(schema, None)
    return finder
