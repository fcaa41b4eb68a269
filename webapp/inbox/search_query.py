r"""Search syntax of the inbox: ``package:moss -app:koji is:unread "some text"``.

A query is a list of terms: an operator with a value, or a text alone. Values with blanks or colons are in
quotation marks, within which ``\"`` and ``\\`` stand for these characters. A minus sign negates a term.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from fmn.errors import UserError
from fmn.text import one_line, shorten
from fmn.translations import gettext

#: Characters of a query, and its terms. Each term costs the database some time.
MAX_LENGTH: Final = 400
MAX_TERMS: Final = 16

#: Field of the errors.
FIELD: Final = "q"


class Operator(StrEnum):
    """What a term is about."""

    IS = "is"
    SEVERITY = "severity"
    APP = "app"
    PACKAGE = "package"
    FROM = "from"
    PERSON = "person"
    GROUP = "group"
    CHANNEL = "channel"
    FILTER = "filter"
    STATUS = "status"
    AFTER = "after"
    BEFORE = "before"


@dataclass(frozen=True)
class Term:
    """A value that an operator is about, or a text without one. The value is one line, and not empty."""

    value: str
    operator: Operator | None = None
    negated: bool = False

    def __str__(self) -> str:
        """The term as it's typed."""
        value = _quoted(self.value, _PLAIN if self.operator else _WORD)
        operator = f"{self.operator}:" if self.operator else ""
        return f"{'-' if self.negated else ''}{operator}{value}"


@dataclass(frozen=True)
class SearchQuery:
    """A parsed query."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        """The query as text: parsed again, it's the same query."""
        return " ".join(map(str, self.terms))

    def with_term(self, term: Term) -> SearchQuery:
        """The query with a term more, unless it has that already."""
        return self if term in self.terms else SearchQuery((*self.terms, term))

    @property
    def words(self) -> str:
        """The texts that are searched for, without operators."""
        return " ".join(each.value for each in self.terms if each.operator is None and not each.negated)


_OPERATOR: Final = r"[A-Za-z][A-Za-z_-]*:(?!//)"  # links have one, too, and are words
_TERM: Final = re.compile(
    rf"""(?P<minus>-(?=\S))?
        (?P<operator>{_OPERATOR})?
        (?:"(?P<quoted>(?:[^"\\]|\\.)*)(?P<end>"?) | (?P<plain>[^\s"]\S*))?""", re.VERBOSE)
#: Values that stand for themselves, after an operator or alone.
_PLAIN: Final = re.compile(r'(?!//)[^\s"][^\s"]*')
_WORD: Final = re.compile(rf'(?!{_OPERATOR})[^\s"-][^\s"]*')


def parse_query(text: str) -> SearchQuery:
    """Parse a query. Raises :class:`~fmn.errors.UserError` that says what to write instead."""
    if len(text) > MAX_LENGTH:
        raise UserError(gettext("Search for at most {n} characters.").format(n=MAX_LENGTH), FIELD)
    terms = tuple(_terms(one_line(text)))
    if len(terms) > MAX_TERMS:
        raise UserError(
            gettext("Search for at most {n} words and operators at once.").format(n=MAX_TERMS), FIELD)
    return SearchQuery(terms)


def _terms(text: str) -> Iterator[Term]:
    start = 0
    while start < len(text):
        match = _TERM.match(text, start)
        assert match is not None  # of no characters, if need be
        if match.end() > start:
            yield from _term(match)
        start = max(match.end(), start + 1)


def _term(match: re.Match[str]) -> Iterator[Term]:
    quoted, plain = match["quoted"], match["plain"]
    if quoted is not None and not match["end"]:
        raise UserError(gettext("Close the quotation marks in your search."), FIELD)
    value = one_line(re.sub(r"\\(.)", r"\1", quoted)) if quoted is not None else plain or ""
    operator = _operator(match["operator"])
    if operator is not None and not value:
        sentence = gettext("Write something after “{operator}:”, without a blank in between.")
        raise UserError(sentence.format(operator=operator), FIELD)
    if value:
        yield Term(value, operator, bool(match["minus"]))


def _operator(name: str | None) -> Operator | None:
    if name is None:
        return None
    found = name[:-1].lower()
    if found in set(Operator):
        return Operator(found)
    raise UserError(joined(
        gettext("“{text}” isn’t a search operator.").format(text=shorten(name)),
        suggestion(found, list(Operator), ":"),
        gettext("To search for the text itself, put it in quotation marks.")), FIELD)


def suggestion(typed: str, known: Sequence[str], mark: str = "") -> str:
    """A sentence that names what may have been meant; ``""`` if nothing is like it."""
    alike = get_close_matches(typed.lower(), [each.lower() for each in known], n=1)
    original = [str(each) for each in known if alike and each.lower() == alike[0]]
    return gettext("Did you mean “{text}”?").format(text=f"{original[0]}{mark}") if original else ""


def joined(*sentences: str) -> str:
    """The sentences that say something, one after the other."""
    return " ".join(filter(None, sentences))


def _quoted(value: str, plain: re.Pattern[str]) -> str:
    if plain.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
