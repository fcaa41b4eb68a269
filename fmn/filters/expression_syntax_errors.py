"""Errors in the text form of expressions: the place, what is wrong there, and the likely word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Final

from lark import UnexpectedInput, UnexpectedToken

from fmn.errors import UserError
from fmn.translations import gettext, mark

_UNEXPECTED: Final = mark("unexpected {found} at character {place}")
_USE_OPERATOR: Final = mark('unexpected {found} at character {place}: use "{word}"')
_USE_QUOTATION_MARKS: Final = mark("unexpected {found} at character {place}: use double quotation marks")
_DID_YOU_MEAN: Final = mark('unexpected {found} at character {place}: did you mean "{word}"?')
_NO_OPERATOR: Final = mark('unexpected {found} at character {place}: write "and" or "or" before it')
_NO_RULE: Final = mark("unexpected {found} at character {place}: a rule is missing before it")
_NO_RULE_OR_VALUE: Final = mark(
    "unexpected {found} at character {place}: a rule or a value is missing before it")
_NOTHING_TO_CLOSE: Final = mark("unexpected {found} at character {place}: there is no parenthesis to close")
#: What people mean who write operators as in programs or arithmetic: a sentence, and its word.
_MEANT: Final[Mapping[str, tuple[str, str]]] = {
    "&": (_USE_OPERATOR, "and"), "|": (_USE_OPERATOR, "or"), ";": (_USE_OPERATOR, "and"),
    "'": (_USE_QUOTATION_MARKS, "")}
#: Words that join rules, in any case.
OPERATORS: Final = frozenset({"and", "or", "not"})
_LAST_OPERATOR: Final = re.compile(r"(?<![\w@.\-/:*+~])(and|or|not)\Z", re.IGNORECASE)
#: Characters that an operator and what is before it have, at most.
_OPERATOR_LENGTH: Final = 4
_A_WORD: Final = re.compile(r"[\w@.\-/:*+~]")
#: Parentheses, and quoted values, in which they mean nothing.
_PARENTHESES: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[()]', re.DOTALL)


class ExpressionSyntaxError(UserError):
    """A text that is no expression: what is wrong, and between which characters, if that's known."""

    def __init__(self, sentence: str, span: tuple[int, int] | None = None) -> None:
        super().__init__(sentence)
        self.span = span


def syntax_error(error: UnexpectedInput, text: str) -> ExpressionSyntaxError:
    """The parser's error as a sentence with its place."""
    start = error.pos_in_stream
    if start is None or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return _too_early(text)
    if text[start] == '"' and not isinstance(error, UnexpectedToken):
        sentence = gettext("the quotation mark at character {place} is never closed")
        return ExpressionSyntaxError(sentence.format(place=start + 1), (start, len(text)))
    found = str(error.token) if isinstance(error, UnexpectedToken) else text[start]
    operator = _operator_before(text[:start])
    if operator and _A_WORD.match(found):  # it was read as a rule, and no rule can follow a rule
        return unexpected_operator(operator, text.rindex(operator, 0, start))
    return _unexpected(found, start, *_hint(found, text[:start]))


def unexpected_operator(word: str, start: int) -> ExpressionSyntaxError:
    """An operator where a rule has to be."""
    return _unexpected(word, start, _NO_RULE)


def _unexpected(found: str, start: int, sentence: str, word: str = "") -> ExpressionSyntaxError:
    return ExpressionSyntaxError(
        gettext(sentence).format(found=repr(found), place=start + 1, word=word), (start, start + len(found)))


def _too_early(text: str) -> ExpressionSyntaxError:
    end = len(text.rstrip())
    if text.rstrip().endswith("(") or (opened := _never_closed(text)) is None:
        return ExpressionSyntaxError(
            gettext("the text ends too early: a rule, a value or a parenthesis is missing"), (end, end))
    sentence = gettext("the parenthesis at character {place} is never closed")
    return ExpressionSyntaxError(sentence.format(place=opened + 1), (opened, opened + 1))


def _never_closed(text: str) -> int | None:
    """The place of the last opening parenthesis without a closing one, if the text ends after a rule."""
    if _operator_before(text):
        return None
    opened: list[int] = []
    for found in _PARENTHESES.finditer(text):
        if found[0] == "(":
            opened.append(found.start())
        elif found[0] == ")" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _operator_before(text: str) -> str:
    """The operator that a text ends with, ``""`` without one."""
    found = _LAST_OPERATOR.search(text.rstrip()[-_OPERATOR_LENGTH:])
    return found[0] if found else ""


def _hint(found: str, before: str) -> tuple[str, str]:
    """The sentence to say, which may name the likely word or what has to be there, and that word."""
    if found in _MEANT:
        return _MEANT[found]
    if found == ")":
        missing = before.rstrip().endswith(("(", ",")) or _operator_before(before)
        return _NO_RULE_OR_VALUE if missing else _NOTHING_TO_CLOSE, ""
    ends = before.rstrip()[-1:]
    if _operator_before(before) or not (ends == ")" or _A_WORD.match(ends)):
        return _UNEXPECTED, ""
    close = difflib.get_close_matches(found.lower(), ("and", "or"), n=1)
    return (_DID_YOU_MEAN, close[0]) if close else (_NO_OPERATOR, "")
