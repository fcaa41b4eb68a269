"""Drafts: a filter while it's edited, as rows of rules in groups, or as the text of its expression.

The form contains the whole draft, so the server keeps nothing and nothing gets lost.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from fmn.catalog import Argument
from fmn.errors import UserError
from fmn.filters.expression_description import filter_name
from fmn.filters.expression_syntax import ExpressionSyntaxError, parse_expression, print_expression
from fmn.filters.expressions import ACCOUNT_ARGUMENT, ME, AnyOf, Expression
from fmn.filters.rule_types import RuleType, RuleTypes
from fmn.filters.spec import FilterSpec, check_failure_delay
from fmn.localized import number_text
from fmn.matching.linter import MAX_RULES
from fmn.translations import gettext
from webapp.filters.rule_groups import (
    EMPTY,
    MAX_GROUPS,
    GroupKind,
    Node,
    RuleGroup,
    RuleRow,
    expression_of,
    group_from_nodes,
    group_of,
    with_part,
)
from webapp.forms import parse_whole_number

#: Characters of an expression's text. Five hundred rules are half of that.
LONGEST_TEXT: Final = 20_000
#: What a box says that is ticked.
CHECKED: Final = "true"
#: What rows and groups of a form are called: ``rule-0``, ``group-1``.
_NODE: Final = re.compile(r"(rule|group)-(0|[1-9][0-9]{0,5})")

#: A form's fields by name.
FormFields = Mapping[str, str]


@dataclass(frozen=True)
class Draft:
    """A filter as somebody is editing it. With ``text``, its expression is that and not ``root``'s."""

    name: str = ""
    root: RuleGroup = EMPTY
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
    #: The :meth:`fingerprint` of what it was when the page was opened.
    began: str = ""

    @classmethod
    def of(cls, name: str, expression: Expression, rule_types: RuleTypes) -> Draft:
        """A draft with an expression: as rows if possible, else as text."""
        root = group_of(expression)
        text = print_expression(expression, rule_types) if root is None else None
        return cls(name, root or EMPTY, text)

    @classmethod
    def from_form(cls, form: FormFields) -> Draft:
        """Read the fields of a form. Texts get the line ends of Unix."""
        text = form.get("text", "").replace("\r\n", "\n") if form.get("shape") == "text" else None
        return cls(
            name=form.get("name", ""), root=_submitted_root(form), text=text,
            enabled=_is_checked(form, "enabled"), oneshot=_is_checked(form, "oneshot"),
            delay=form.get("delay", "").strip(), note=form.get("note", ""),
            version=parse_whole_number(form.get("version", "")),
            was_enabled=_is_checked(form, "was_enabled"), was_oneshot=_is_checked(form, "was_oneshot"),
            was_delay=form.get("was_delay", ""), began=form.get("began", ""))

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
            raise UserError(gettext("Enter the minutes as a number, or leave this empty."), "hold_minutes")
        check_failure_delay(minutes)
        return minutes

    @property
    def empty(self) -> bool:
        """Whether it has no rules yet."""
        return not (self.root.parts if self.text is None else self.text.strip())

    def expression(self, rule_types: RuleTypes) -> Expression:
        """Its expression. Raises :class:`~fmn.filters.expression_syntax.ExpressionSyntaxError`."""
        if self.text is None:
            return expression_of(self.root)
        if len(self.text) > LONGEST_TEXT:
            raise ExpressionSyntaxError(gettext(
                "the text has {number} characters, and the limit is {most}: to shorten it, list several "
                "names in one rule, separated by commas",
            ).format(number=number_text(len(self.text)), most=number_text(LONGEST_TEXT)))
        return parse_expression(self.text, rule_types)

    def fingerprint(self, rule_types: RuleTypes) -> str:
        """A digest of what somebody typed and chose. The same rules as text and as rows have the same."""
        what = (self.name, self.as_text(rule_types).text, self.enabled, self.oneshot, self.delay, self.note)
        return hashlib.sha256(repr(what).encode("utf-8", "replace")).hexdigest()[:16]

    def named(self, rule_types: RuleTypes) -> Draft:
        """The draft with a name, by default a short description of its rules."""
        if self.name.strip():
            return self
        return replace(self, name=filter_name(self.expression(rule_types), rule_types))

    def with_rule(
        self, rule_type: RuleType, rule_types: RuleTypes, place: int | None = None, *, wanted: bool = True,
    ) -> tuple[Draft, int]:
        """The draft with one more rule in a group, and the rule's number.

        Arguments that name an account begin with "me", those with few choices with the example.
        """
        row = RuleRow(rule_type.name, wanted, {
            argument.name: _first_value(argument) for argument in rule_type.arguments})
        if self.text is None:
            root, number = with_part(self.root, place, row)
            return replace(self, root=root), number
        text = _joined(self.text, print_expression(row.expression, rule_types), rule_types)
        return replace(self, text=text), 0

    def as_text(self, rule_types: RuleTypes) -> Draft:
        """The draft in text form."""
        if self.text is not None:
            return self
        text = print_expression(expression_of(self.root), rule_types) if self.root.parts else ""
        return replace(self, root=EMPTY, text=text)

    def as_rows(self, rule_types: RuleTypes) -> Draft | None:
        """The draft in row form, ``None`` if rows can't express it. Raises what :meth:`expression` does."""
        if self.text is None or self.empty:
            return replace(self, text=None)
        root = group_of(self.expression(rule_types))
        return None if root is None else replace(self, root=root, text=None)


def _first_value(argument: Argument) -> str:
    if argument.name == ACCOUNT_ARGUMENT:
        return ME
    return argument.sample if argument.choices and not argument.several else ""


def _joined(text: str, rule: str, rule_types: RuleTypes) -> str:
    """A text and a rule joined by AND. A text that can't be read is kept as it is."""
    if not text.strip():
        return rule
    try:
        alternatives = isinstance(parse_expression(text, rule_types), AnyOf)
    except ExpressionSyntaxError:
        alternatives = False
    return f"({text}) and {rule}" if alternatives else f"{text} and {rule}"


def _submitted_root(form: FormFields) -> RuleGroup:
    """The rows and groups of a form. Of too many rows there is one more than a filter may have."""
    found = sorted((int(name[2]), name[1]) for key in form if (name := _NODE.fullmatch(key)))
    rows = islice((number for number, what in found if what == "rule"), MAX_RULES + 1)
    groups = islice((number for number, what in found if what == "group"), MAX_GROUPS)
    excepted = frozenset(
        number for number, what in found if what == "rule" and _is_checked(form, f"excepted-{number}"))
    return group_from_nodes(_kind(form.get("match", "")), {
        **{number: Node(_parent(form, number), _kind(form[f"group-{number}"])) for number in groups},
        **{number: Node(_parent(form, number), row) for number, row in _submitted_rows(form, rows)},
    }, excepted)


def _submitted_rows(form: FormFields, numbers: Iterable[int]) -> Iterator[tuple[int, RuleRow]]:
    arguments: dict[int | None, dict[str, str]] = {number: {} for number in numbers}
    for key, value in form.items():
        kind, _, rest = key.partition("-")
        place, _, name = rest.partition("-")
        if kind == "with" and (known := parse_whole_number(place)) in arguments:
            arguments[known][name] = value
    for number, given in arguments.items():
        assert number is not None
        yield number, RuleRow(form[f"rule-{number}"], form.get(f"holds-{number}") != "no", given)


def _kind(value: str) -> GroupKind:
    return GroupKind(value) if value in list(GroupKind) else GroupKind.ALL


def _parent(form: FormFields, number: int) -> int | None:
    return parse_whole_number(form.get(f"under-{number}", ""))


def _is_checked(form: FormFields, name: str) -> bool:
    return form.get(name) == CHECKED
