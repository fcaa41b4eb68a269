"""URLs in texts of others as links, for HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

from fmn.catalog.urls import safe_link

_SCHEME: Final = re.compile(r"(?<!\w)https?:(?=//)", re.IGNORECASE)
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
    for start, after in islice(_urls(text), MAX_LINKS):
        url = text[start:after]
        yield escape(text[end:start])
        yield f'<a{attributes} href="{escape(url)}" rel="noreferrer">{escape(url)}</a>'
        end = after
    yield escape(text[end:])


def _urls(text: str) -> Iterator[tuple[int, int]]:
    """Where URLs that may be links begin and end."""
    end = 0
    for scheme in _SCHEME.finditer(text):
        if scheme.start() < end:  # a part of the URL before
            continue
        # Its own search takes ten times as long: it looks for schemes that nobody asked for.
        length = _finder().test_schema_at(text, scheme[0].lower(), scheme.end())
        if not length:
            continue
        end = scheme.end() + length
        url = text[scheme.start():end]
        if safe_link(url) and "@" not in urlsplit(url).netloc:
            yield scheme.start(), end


@cache
def _finder() -> Any:
    """Finds where people would see the end of a URL."""
    # Imported where there's a URL, and by no worker before.
    from linkify_it import LinkifyIt  # noqa: PLC0415

    return LinkifyIt()
