"""Links to the pages of services, built from what messages hold, which isn't to be trusted."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

#: What may stand unescaped in a path: services' own links have these, and none of them ends a path.
PATH_CHARACTERS = "/,:+~@=!$'()*;&"

#: Where the pictures of packages are, as services name them.
PACKAGE_ICONS = "https://apps.fedoraproject.org/packages/images/icons"


def page(root: str, *parts: str, anchor: str = "", **query: str) -> str:
    """The address of a page below ``root``; ``root`` itself if a part of the address isn't known.

    ``page("https://example.org", "c", "1f2e", branch="main")`` is ``https://example.org/c/1f2e?branch=main``.
    """
    if not all(parts) or not all(query.values()):
        return root
    address = "/".join([root, *(quote(part, safe=PATH_CHARACTERS, errors="replace") for part in parts)])
    if query:
        address += f"?{urlencode(query, errors='replace')}"
    return f"{address}#{quote(anchor, errors='replace')}" if anchor else address


def package_icon(name: str) -> str:
    """The picture of a package, ``""`` for none."""
    return page(PACKAGE_ICONS, f"{name}.png") if name else ""


def safe_link(link: str) -> str:
    """The link if it's an ``http`` or ``https`` one on one line, else ``""``: bodies aren't to be trusted."""
    if not link.isprintable() or " " in link:
        return ""
    try:
        scheme = urlsplit(link).scheme
    except ValueError:
        return ""
    return link if scheme in {"http", "https"} else ""
