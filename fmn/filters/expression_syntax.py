r"""The one-line text form of expressions, to be read and typed.

Rules are written like calls, joined by ``and``, ``or``, ``not`` and parentheses. ``AND``, ``OR``, ``NOT``,
``&&``, ``||`` and ``!`` mean the same and are printed as these words::

    user_package_filter(@me) and not (koji_tag or koji_untag) and package_regex_filter("^python3? ")

A rule's only argument needs no name, several are named: ``field(path=owner.name, value=mary)``. A value
without quotes is letters, digits and ``@ . _ - / : * + ~``; in quotes it may hold anything, with ``\"``
and ``\\`` for those two. ``all(…)`` and ``any(…)`` write what ``and`` and ``or`` can't: none or one part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError

from fmn.filters.expression_syntax_errors import (
    OPERATORS,
    ExpressionSyntaxError,
    syntax_error,
    unexpected_operator,
)
from fmn.filters.expressions import MAX_DEPTH, All, AnyOf, Expression, Not, Rule, is_too_deep
from fmn.filters.rule_types import RuleTypes
from fmn.localized import number_text
from fmn.translations import gettext

__all__ = ["MAX_LENGTH", "ExpressionSyntaxError", "parse_expression", "print_expression"]

_GRAMMAR: Final = r"""
    ?start: either
    ?either: both | both (_or both)+         -> any_of
    ?both: one | one (_and one)+             -> all_of
    ?one: _not one                           -> negated
        | "(" either ")"
        | "all" "(" [either] ")"             -> all_of
        | "any" "(" [either] ")"             -> any_of
        | WORD ["(" [argument ("," argument)*] ")"] -> rule
    _or: "or" | "OR" | "Or" | "||"
    _and: "and" | "AND" | "And" | "&&"
    _not: "not" | "NOT" | "Not" | "!"
    argument: [WORD "="] value
    ?value: WORD -> plain
        | QUOTED -> quoted
    WORD: /[\w@.\-\/:*+~]+/
    QUOTED: /"(?:[^"\\]|\\.)*"/s
    %ignore /\s+/
"""

_PARSER: Final = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=True)
_PLAIN: Final = re.compile(r"[\w@.\-/:*+~]+")
_KEYWORDS: Final = OPERATORS | {"all", "any"}


#: Characters of an expression. Reading one takes ten microseconds for each, and two hundred bytes.
MAX_LENGTH: Final = 50_000


def print_expression(expression: Expression, rule_types: RuleTypes) -> str:
    """The expression as one line; :func:`parse_expression` reads it back."""
    match expression:
        case Rule():
            return _rule(expression, rule_types)
        case Not(part):
            return f"not {_part(part, rule_types)}"
        case All(parts):
            return _joined("and", "all", parts, rule_types)
        case AnyOf(parts):
            return _joined("or", "any", parts, rule_types)


def _joined(word: str, call: str, parts: Sequence[Expression], rule_types: RuleTypes) -> str:
    if len(parts) > 1:
        return f" {word} ".join(_part(part, rule_types) for part in parts)
    return f"{call}({', '.join(print_expression(part, rule_types) for part in parts)})"


def _part(part: Expression, rule_types: RuleTypes) -> str:
    text = print_expression(part, rule_types)
    return f"({text})" if isinstance(part, All | AnyOf) and len(part.parts) > 1 else text


def _rule(rule: Rule, rule_types: RuleTypes) -> str:
    if not rule.arguments:
        return rule.name
    if [name for name, _ in rule.arguments] == _only_argument(rule_types, rule.name):
        return f"{rule.name}({_written(rule.arguments[0][1])})"
    return f"{rule.name}({', '.join(f'{name}={_written(value)}' for name, value in rule.arguments)})"


def _only_argument(rule_types: RuleTypes, rule: str) -> list[str]:
    known = rule_types.by_name.get(rule)
    names = [argument.name for argument in known.arguments] if known else []
    return names if len(names) == 1 else []


def _written(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _KEYWORDS:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def parse_expression(text: str, rule_types: RuleTypes) -> Expression:
    """Read an expression, with ids for other names. Raises :class:`ExpressionSyntaxError`."""
    if len(text) > MAX_LENGTH:
        raise ExpressionSyntaxError(gettext(
            "an expression can have {most} characters at most: write several filters",
        ).format(most=number_text(MAX_LENGTH)))
    try:
        expression: Expression = _Builder(rule_types).transform(_PARSER.parse(text))
    except UnexpectedInput as error:
        raise syntax_error(error, text) from None
    except VisitError as error:
        if isinstance(error.orig_exc, ExpressionSyntaxError):
            raise error.orig_exc from None
        raise ExpressionSyntaxError(str(error.orig_exc)) from None
    except RecursionError:
        raise _too_deep() from None
    if is_too_deep(expression):
        raise _too_deep()
    return rule_types.canonical(expression)


def _too_deep() -> ExpressionSyntaxError:
    """The error about parentheses within parentheses within parentheses."""
    return ExpressionSyntaxError(
        gettext("an expression can't be nested deeper than {levels} levels").format(levels=MAX_DEPTH))


@v_args(inline=True)
class _Builder(Transformer[Token, Expression]):
    def __init__(self, rule_types: RuleTypes) -> None:
        super().__init__()
        self._rule_types = rule_types

    def all_of(self, *parts: Expression | None) -> Expression:
        return All(tuple(part for part in parts if part is not None))

    def any_of(self, *parts: Expression | None) -> Expression:
        return AnyOf(tuple(part for part in parts if part is not None))

    def negated(self, part: Expression) -> Expression:
        return Not(part)

    def plain(self, value: Token) -> str:
        return str(value)

    def quoted(self, value: Token) -> str:
        return re.sub(r"\\(.)", r"\1", str(value)[1:-1], flags=re.DOTALL)

    def argument(self, name: Token | None, value: str) -> tuple[str | None, str]:
        return (str(name) if name is not None else None), value

    def rule(self, name: Token, *arguments: Any) -> Expression:
        assert name.start_pos is not None
        if name.lower() in OPERATORS:
            raise unexpected_operator(str(name), name.start_pos)
        given = [argument for argument in arguments if argument is not None]
        only = _only_argument(self._rule_types, str(name))
        if len(given) == 1 and given[0][0] is None and only:
            return Rule.of(str(name), {only[0]: given[0][1]})
        named = {key: value for key, value in given if key is not None}
        if len(named) < len(given):
            raise ExpressionSyntaxError(
                gettext("{rule}: name each argument once, as in {rule}(name=value, …)").format(rule=name),
                (name.start_pos, name.start_pos + len(name)))
        return Rule.of(str(name), named)
