"""Drafts: a filter while it's edited, as rows of rules joined by AND, or as the text of its expression.

The form contains the whole draft, so the server keeps nothing and nothing gets lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from fmn.errors import UserError
from fmn.filters.expression_description import describe_expression
from fmn.filters.expression_syntax import ExpressionSyntaxError, parse_expression, print_expression
from fmn.filters.expressions import ACCOUNT_ARGUMENT, ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import RuleType, RuleTypes
from fmn.filters.spec import MAX_NAME_LENGTH, FilterSpec, check_failure_delay
from fmn.matching.linter import MAX_RULES
from fmn.text import shorten
from webapp.forms import parse_whole_number

#: Characters of an expression's text. Five hundred rules are half of that.
LONGEST_TEXT: Final = 20_000
#: What a box says that is ticked.
CHECKED: Final = "true"
#: What a row of a form is called: ``rule-0``.
_ROW: Final = re.compile(r"rule-(0|[1-9][0-9]{0,5})")

#: A form's fields by name.
FormFields = Mapping[str, str]


@dataclass(frozen=True)
class RuleRow:
    """A row of the form: a rule, and whether it has to be true or false."""

    rule: str
    wanted: bool = True
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def part(self) -> Expression:
        """The row's expression."""
        rule = Rule.of(self.rule, self.arguments)
        return rule if self.wanted else Not(rule)


def rows_of(expression: Expression) -> Sequence[RuleRow] | None:
    """The expression as rows, ``None`` if it has alternatives, groups or texts of several lines."""
    rows = [_row(part) for part in (expression.parts if isinstance(expression, All) else (expression,))]
    return [row for row in rows if row] if all(rows) else None


def _row(part: Expression) -> RuleRow | None:
    rule = part.part if isinstance(part, Not) else part
    if not isinstance(rule, Rule) or len({"\r", "\n"}.intersection("".join(v for _, v in rule.arguments))):
        return None
    return RuleRow(rule.name, not isinstance(part, Not), dict(rule.arguments))


def expression_of(rows: Sequence[RuleRow]) -> Expression:
    """The expression of rows: their conjunction, or the one row's by itself."""
    parts = tuple(row.part for row in rows)
    return parts[0] if len(parts) == 1 else All(parts)


@dataclass(frozen=True)
class Draft:
    """A filter as somebody is editing it. With ``text``, its expression is that and not the rows."""

    name: str = ""
    rows: tuple[RuleRow, ...] = ()
    text: str | None = None
    enabled: bool = True
    oneshot: bool = False
    #: For how many minutes failures are held, as it was typed; ``""`` for not at all.
    delay: str = ""
    note: str = ""
    #: The saved filter that it began with: its version, whether these two were ticked, and what that was.
    version: int | None = None
    was_enabled: bool = True
    was_oneshot: bool = False
    was_delay: str = ""

    @classmethod
    def of(cls, name: str, expression: Expression, rule_types: RuleTypes) -> Draft:
        """A draft with an expression: as rows if possible, else as text."""
        rows = rows_of(expression)
        text = print_expression(expression, rule_types) if rows is None else None
        return cls(name, tuple(rows or ()), text)

    @classmethod
    def from_form(cls, form: FormFields) -> Draft:
        """Read the fields of a form. Texts get the line ends of Unix."""
        text = form.get("text", "").replace("\r\n", "\n") if form.get("shape") == "text" else None
        return cls(
            name=form.get("name", ""), rows=tuple(islice(_submitted_rows(form), MAX_RULES + 1)), text=text,
            enabled=_is_checked(form, "enabled"), oneshot=_is_checked(form, "oneshot"),
            delay=form.get("delay", "").strip(), note=form.get("note", ""),
            version=parse_whole_number(form.get("version", "")),
            was_enabled=_is_checked(form, "was_enabled"), was_oneshot=_is_checked(form, "was_oneshot"),
            was_delay=form.get("was_delay", ""))

    @classmethod
    def of_saved(cls, saved: FilterSpec, version: int, rule_types: RuleTypes) -> Draft:
        """The draft of a saved filter, without rules if its expression can't be read."""
        draft = cls(saved.name) if saved.expression is None else cls.of(
            saved.name, saved.expression, rule_types)
        delay = "" if saved.hold_minutes is None else str(saved.hold_minutes)
        return replace(
            draft, version=version, enabled=saved.enabled, oneshot=saved.oneshot, delay=delay,
            note=saved.owner_note or "", was_enabled=saved.enabled, was_oneshot=saved.oneshot,
            was_delay=delay)

    def based_on(self, there: Draft) -> Draft:
        """The draft as an edit of another saved state, to be saved over it."""
        return replace(
            self, version=there.version, was_enabled=there.was_enabled, was_oneshot=there.was_oneshot,
            was_delay=there.was_delay)

    def applied_to(self, there: FilterSpec, expression: Expression) -> FilterSpec:
        """The filter to save. Raises :class:`~fmn.errors.UserError`.

        Switches and the delay are saved only if they were changed here, because other pages change them too.
        """
        switched: dict[str, object] = {}
        if self.oneshot != self.was_oneshot:
            switched["oneshot"] = self.oneshot
        if self.delay != self.was_delay:
            switched["hold_minutes"] = self.hold_minutes
        if self.enabled != self.was_enabled:
            switched |= {"enabled": self.enabled, "snoozed_until": None}
        return there.replaced(
            name=self.name, expression=expression, owner_note=self.note, **switched)

    @property
    def hold_minutes(self) -> int | None:
        """The delay of failures in minutes. Raises :class:`~fmn.errors.UserError`."""
        if not self.delay:
            return None
        minutes = parse_whole_number(self.delay)
        if minutes is None:
            raise UserError("Enter the minutes as a number, or leave this empty.", "hold_minutes")
        check_failure_delay(minutes)
        return minutes

    @property
    def empty(self) -> bool:
        """Whether it has no rules yet."""
        return not (self.rows if self.text is None else self.text.strip())

    def expression(self, rule_types: RuleTypes) -> Expression:
        """Its expression. Raises :class:`~fmn.filters.expression_syntax.ExpressionSyntaxError`."""
        if self.text is None:
            return expression_of(self.rows)
        if len(self.text) > LONGEST_TEXT:
            raise ExpressionSyntaxError(
                f"the text has {len(self.text):,} characters, and the limit is {LONGEST_TEXT:,}: to shorten "
                "it, list several names in one rule, separated by commas")
        return parse_expression(self.text, rule_types)

    def named(self, rule_types: RuleTypes) -> Draft:
        """The draft with a name, by default a description of its rules."""
        if self.name.strip():
            return self
        words = describe_expression(self.expression(rule_types), rule_types)
        return replace(self, name=shorten(words, MAX_NAME_LENGTH))

    def with_rule(self, rule_type: RuleType, rule_types: RuleTypes) -> Draft:
        """The draft with one more rule. Arguments that name an account begin with "me"."""
        row = RuleRow(rule_type.name, arguments={
            argument.name: ME if argument.name == ACCOUNT_ARGUMENT else "" for argument in rule_type.arguments
        })
        if self.text is None:
            return replace(self, rows=(*self.rows, row))
        return replace(self, text=_joined(self.text, print_expression(row.part, rule_types), rule_types))

    def without_row(self, number: int) -> Draft:
        """The draft without one of its rows."""
        return replace(self, rows=(*self.rows[:number], *self.rows[number + 1:]))

    def as_text(self, rule_types: RuleTypes) -> Draft:
        """The draft in text form."""
        if self.text is not None:
            return self
        text = print_expression(expression_of(self.rows), rule_types) if self.rows else ""
        return replace(self, rows=(), text=text)

    def as_rows(self, rule_types: RuleTypes) -> Draft | None:
        """The draft in row form, ``None`` if rows can't express it. Raises what :meth:`expression` does."""
        if self.text is None or self.empty:
            return replace(self, text=None)
        rows = rows_of(self.expression(rule_types))
        return None if rows is None else replace(self, rows=tuple(rows), text=None)


def _joined(text: str, rule: str, rule_types: RuleTypes) -> str:
    """A text and a rule joined by AND. A text that can't be read is kept as it is."""
    if not text.strip():
        return rule
    try:
        alternatives = isinstance(parse_expression(text, rule_types), AnyOf)
    except ExpressionSyntaxError:
        alternatives = False
    return f"({text}) and {rule}" if alternatives else f"{text} and {rule}"


def _submitted_rows(form: FormFields) -> Iterator[RuleRow]:
    """The rows of a form, in order of their numbers."""
    numbers = sorted({int(found[1]) for key in form if (found := _ROW.fullmatch(key))})
    arguments: dict[int | None, dict[str, str]] = {number: {} for number in numbers}
    for key, value in form.items():
        kind, _, rest = key.partition("-")
        place, _, name = rest.partition("-")
        if kind == "with" and (known := parse_whole_number(place)) in arguments:
            arguments[known][name] = value
    for number in numbers:
        yield RuleRow(form[f"rule-{number}"], form.get(f"holds-{number}") != "no", arguments[number])


def _is_checked(form: FormFields, name: str) -> bool:
    return form.get(name) == CHECKED
