"""Redirects from the former addresses of pages: an HTML page each that leads to the present one."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

# The script keeps what stands behind the "#"; without scripts the reader arrives at the top of the page.
PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>This page has moved</title>
<link rel="canonical" href="{target}">
<meta name="robots" content="noindex">
<script>location.replace("{target}" + location.hash)</script>
<meta http-equiv="refresh" content="0; url={target}">
</head>
<body><p>This page has moved to <a href="{target}">{target}</a>.</p></body>
</html>
"""


def write_redirects(app: Sphinx, error: Exception | None) -> None:
    """Write a page for each of the setting ``moved_pages``, a mapping of former to present names."""
    if error is not None or app.builder.format != "html":
        return
    moved: Mapping[str, str] = app.config.moved_pages
    for old, new in moved.items():
        if new not in app.env.found_docs or old in app.env.found_docs:
            msg = f"moved_pages: {old} can't redirect to {new}: it is missing, or the old page exists"
            raise ExtensionError(msg)
        file = Path(app.outdir) / f"{old}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        target = f"{'../' * old.count('/')}{new}.html"
        file.write_text(PAGE.format(target=html.escape(target)), encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the setting, and of when to write."""
    app.add_config_value("moved_pages", {}, "html", types=frozenset({dict}))
    app.connect("build-finished", write_redirects)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
