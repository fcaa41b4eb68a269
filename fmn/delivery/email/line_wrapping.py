"""Line wrapping of plain text."""

from __future__ import annotations

import textwrap

#: Columns of a plain text line, as mail programs have always had it (RFC 5322 says 78).
WIDTH = 78
#: Begins an item of a list, which is prose.
_BULLET = "- "


def is_preformatted(line: str) -> bool:
    """Whether a line mustn't be wrapped: indented, or of a diff or a table."""
    return line.startswith((" ", "\t", "+", "-", "@@", "|")) and not line.startswith(_BULLET)


def wrap_paragraph(line: str, indent: str = "") -> str:
    """Wrap a line as a paragraph; links and other long words stay whole."""
    if len(indent) + len(line) <= WIDTH:
        return indent + line
    return textwrap.fill(line, WIDTH, initial_indent=indent, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False)
