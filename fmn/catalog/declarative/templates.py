"""Templates of texts and links: text with paths in braces, as in ``{actor.name|Somebody} watered it``.

=========================== ==========================================================================
``{path}``                  the value; several values as a series: ``a, b and c``
``{path|default}``          the default if there is no value
``{path:first}``            the first of several values
``{path:line}``             the first line of a value
``{path:short}``            a value on one line, cut after 72 characters
``{path:lines}``            each value on a line of its own, with a dash
``{path:count plant}``      how many values: ``1 plant``, ``3 plants``; ``{path:count leaf/leaves}``
``{{`` and ``}}``           braces
=========================== ==========================================================================

A template can neither call nor compute anything. Rendering takes time in proportion to the values that it
shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from fmn.catalog.declarative.body_paths import BodyPath, parse_path_in, text_of
from fmn.catalog.message_reader import MessageReader
from fmn.text import bullets, first_line, join_series, pluralize, shorten

#: Characters of a template, and placeholders in it.
MAX_TEMPLATE_LENGTH: Final = 5_000
MAX_PLACEHOLDERS: Final = 50
#: Characters of a rendered text, by default; longer ones are cut.
MAX_TEXT_LENGTH: Final = 20_000
#: Characters of a rendered link. A longer one isn't shown: its beginning leads somewhere else.
MAX_LINK_LENGTH: Final = 2_000

_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_COUNT: Final = re.compile(r"count ([^/|]{1,50})(?:/([^/|]{1,50}))?")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A path in a template, what's shown of its values, and the text without any."""

    path: BodyPath
    show: Callable[[Sequence[Any]], str]
    default: str = ""

    def render(self, m: MessageReader) -> str:
        """The text in its place."""
        return self.show(self.path.values(m)) or self.default


class Template:
    """A parsed template."""

    def __init__(self, parts: Sequence[str | Placeholder]) -> None:
        self._parts = tuple(parts)

    def render(self, m: MessageReader, most: int = MAX_TEXT_LENGTH) -> str:
        """The text for a message, cut after ``most`` characters."""
        text = ""
        for part in self._parts:
            text += part if isinstance(part, str) else part.render(m)
            if len(text) > most:
                return f"{text[:most - 1]}…"
        return text

    def render_key(self, m: MessageReader) -> str:
        """The text for a message if all values are there that have no default, else ``""``."""
        parts = [part if isinstance(part, str) else part.render(m) for part in self._parts]
        return "".join(parts)[:MAX_TEXT_LENGTH] if all(parts) else ""

    def render_link(self, m: MessageReader) -> str:
        """The link for a message; ``""`` if a value is missing that has no default.

        Values are escaped, except for one at the very beginning, which is a link itself.
        """
        link = ""
        for part in self._parts:
            text = part if isinstance(part, str) else part.render(m)
            if not text:
                return ""
            link += text if isinstance(part, str) or not link else quote(text, safe="/", errors="replace")
        return link if len(link) <= MAX_LINK_LENGTH else ""


def parse_template(text: str) -> Template:
    """Parse a template.

    :raises ValueError: a sentence says what's wrong
    """
    if len(text) > MAX_TEMPLATE_LENGTH:
        raise ValueError(f"the template has more than {MAX_TEMPLATE_LENGTH:,} characters")
    parts: list[str | Placeholder] = []
    end = 0
    for token in _TOKEN.finditer(text):
        parts += [text[end:token.start()], _part(token)]
        end = token.end()
    parts.append(text[end:])
    if sum(isinstance(part, Placeholder) for part in parts) > MAX_PLACEHOLDERS:
        raise ValueError(f"the template has more than {MAX_PLACEHOLDERS} placeholders")
    return Template([part for part in parts if part])


def _part(token: re.Match[str]) -> str | Placeholder:
    if token[0] in ("{{", "}}"):
        return token[0][0]
    if token[0] in ("{", "}"):
        raise ValueError(f"a {token[0]} has no counterpart; a brace itself is written {token[0] * 2}")
    return _placeholder(token[1])


def _placeholder(text: str) -> Placeholder:
    path, end = parse_path_in(text, 0)
    form, _, default = text[end:].partition("|")
    if form and not form.startswith(":"):
        raise ValueError(f"{{{text}}} can't be read from {form[:20]!r} on")
    return Placeholder(path, _shown(form[1:], text), default)


def _shown(form: str, text: str) -> Callable[[Sequence[Any]], str]:
    if (show := _FORMS.get(form)) is not None:
        return show
    if (found := _COUNT.fullmatch(form)) is not None:
        return _counting(found[1], found[2] or "")
    known = ", ".join([*filter(None, _FORMS), "count NOUN"])
    raise ValueError(f"{{{text}}} has the unknown form {form!r}; there are {known}")


def _texts(values: Sequence[Any]) -> list[str]:
    return list(filter(None, map(text_of, values)))


def _series(values: Sequence[Any]) -> str:
    return join_series(_texts(values))


def _first(values: Sequence[Any]) -> str:
    return next(iter(_texts(values)), "")


def _first_line(values: Sequence[Any]) -> str:
    return first_line(_first(values))


def _short(values: Sequence[Any]) -> str:
    return shorten(_first(values))


def _lines(values: Sequence[Any]) -> str:
    return bullets(_texts(values))


def _counting(thing: str, things: str) -> Callable[[Sequence[Any]], str]:
    return lambda values: pluralize(len(values), thing, things) if values else ""


#: What a form shows of the values, by its name.
_FORMS: Final[Mapping[str, Callable[[Sequence[Any]], str]]] = {
    "": _series, "first": _first, "line": _first_line, "short": _short, "lines": _lines,
}
