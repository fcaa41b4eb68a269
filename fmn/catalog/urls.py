"""Builds URLs of services' pages from untrusted parts of messages."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

#: Characters unescaped in a path: services' own links contain them, and none ends a path.
PATH_CHARACTERS = "/,:+~@=!$'()*;&"

#: Base URL of packages' icons.
PACKAGE_ICONS = "https://apps.fedoraproject.org/packages/images/icons"


def page(root: str, *parts: str, anchor: str = "", **query: str) -> str:
    """URL of a page below ``root``; ``root`` itself if a part is unknown.

    ``page("https://example.org", "c", "1f2e", branch="main")`` is ``https://example.org/c/1f2e?branch=main``.
    """
    if not all(parts) or not all(query.values()):
        return root
    address = "/".join([root, *(quote(part, safe=PATH_CHARACTERS, errors="replace") for part in parts)])
    if query:
        address += f"?{urlencode(query, errors='replace')}"
    return f"{address}#{quote(anchor, errors='replace')}" if anchor else address


def package_icon(name: str) -> str:
    """URL of a package's icon; ``""`` without a package."""
    return page(PACKAGE_ICONS, f"{name}.png") if name else ""


def safe_link(link: str) -> str:
    """The link if it's an ``http`` or ``https`` URL on one line, else ``""``."""
    if not link.isprintable() or " " in link:
        return ""
    try:
        scheme = urlsplit(link).scheme
    except ValueError:
        return ""
    return link if scheme in {"http", "https"} else ""
