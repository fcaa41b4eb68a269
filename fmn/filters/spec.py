"""A filter as a value. A new field of a filter is declared here and in :mod:`fmn.filters.models`.

Editing, undo, import and export, the API and the editor copy all fields that :class:`FilterSpec` declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from fmn.errors import UserError
from fmn.filters.expressions import Expression
from fmn.filters.models import Filter
from fmn.localized import number_text
from fmn.translations import gettext

#: Characters of a filter's name.
MAX_NAME_LENGTH: Final = 200
#: Characters of an owner's note: a sentence or three, as wide as the column.
MAX_NOTE_LENGTH: Final = 500
#: Minutes that failures may be delayed. A failure that lasts longer than a day is no news when it's told.
DELAY_MINUTES: Final = range(1, 24 * 60 + 1)


OwnerNote = Annotated[str | None, Field(
    description="What the owner notes for themselves, on one line; null for nothing.",
    json_schema_extra={"maxLength": MAX_NOTE_LENGTH})]


class FilterOptions(BaseModel):
    """Fields of a filter that files, the API and the product give by the same name.

    ``expression`` stands here for its place in files and answers: a text, JSON or a value, as the subclass
    says. A subclass that sets ``extra`` and ``strict`` decides what else is accepted.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    expression: Any = None
    enabled: bool = True
    oneshot: bool = False
    hold_minutes: int | None = None
    owner_note: OwnerNote = None

    def spec(self, expression: Expression | None, snoozed_until: datetime | None = None) -> FilterSpec:
        """The filter with these options that asks ``expression``."""
        options = {name: getattr(self, name) for name in FilterOptions.model_fields}
        return FilterSpec(**{**options, "expression": expression, "snoozed_until": snoozed_until})


class FilterSpec(FilterOptions):
    """Everything that a filter's owner decides about it, apart from its position.

    ``expression`` is ``None`` if the stored one can't be read; saving keeps what is stored then.
    ``snoozed_until`` is the moment at which a filter that is off is switched on again.
    """

    model_config = ConfigDict(extra="forbid")

    expression: Expression | None = None
    snoozed_until: datetime | None = None

    @classmethod
    def of(cls, row: Filter) -> Self:
        """The saved filter."""
        return cls.of_columns(row).replaced(expression=row.stored.expression_or_none)

    @classmethod
    def of_columns(cls, row: Filter | Row[Any]) -> Self:
        """A filter's row without its expression, which another table has."""
        return cls(**{name: getattr(row, name) for name in COLUMNS})

    def replaced(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return type(self).model_validate({**dict(self), **changes})

    def changed_fields(self, before: FilterSpec) -> frozenset[str]:
        """The names of the fields that differ from ``before``."""
        old = dict(before)
        return frozenset(name for name, value in self if value != old[name])

    def columns(self) -> Mapping[str, Any]:
        """The values of the row's columns, by name."""
        return {name: getattr(self, name) for name in COLUMNS}

    def write_to(self, row: Filter) -> None:
        """Set the row's columns; a filter that is on isn't stopped any more."""
        for name, value in self.columns().items():
            setattr(row, name, value)
        if self.enabled:
            row.stop_reason = None

    def problems(self) -> Iterator[UserError]:
        """An error for each field that can't be saved."""
        for name, normalize in _NORMALIZERS.items():
            try:
                normalize(getattr(self, name))
            except UserError as error:
                yield error

    def normalized(self, before: FilterSpec | None = None) -> Self:
        """The fields as they are saved; those that are as they were ``before`` stay untouched.

        Raises :class:`~fmn.errors.UserError` for the first bad one.
        """
        old = {} if before is None else dict(before)
        return self.replaced(**{
            name: normalize(value) for name, normalize in _NORMALIZERS.items()
            if (value := getattr(self, name)) != old.get(name, ...)})


#: The fields that are columns of a filter's row.
COLUMNS: Final = tuple(name for name in FilterSpec.model_fields if name != "expression")


def normalize_name(name: str) -> str:
    """A filter's name on one line. Raises :class:`~fmn.errors.UserError`."""
    cleaned = " ".join(name.split())
    if not cleaned:
        raise UserError(gettext("Give the filter a name."), "name")
    if len(cleaned) > MAX_NAME_LENGTH:
        refusal = gettext("A name can have {most} characters at most, and this one has {number}.")
        raise UserError(refusal.format(most=MAX_NAME_LENGTH, number=len(cleaned)), "name")
    _check_printable(cleaned, "name")
    return cleaned


def check_failure_delay(minutes: int | None) -> int | None:
    """The minutes for which failures are delayed. Raises :class:`~fmn.errors.UserError`."""
    if minutes is not None and minutes not in DELAY_MINUTES:
        raise UserError(gettext("Failures can be held for {least} to {most} minutes.").format(
            least=number_text(DELAY_MINUTES[0]), most=number_text(DELAY_MINUTES[-1])), "hold_minutes")
    return minutes


def normalize_note(note: str | None) -> str | None:
    """An owner's note on one line, ``None`` for an empty one. Raises :class:`~fmn.errors.UserError`."""
    cleaned = " ".join((note or "").split())
    if len(cleaned) > MAX_NOTE_LENGTH:
        refusal = gettext("A note can have {most} characters at most, and this one has {number}.")
        raise UserError(refusal.format(most=MAX_NOTE_LENGTH, number=len(cleaned)), "owner_note")
    _check_printable(cleaned, "owner_note")
    return cleaned or None


def _check_printable(text: str, field: str) -> None:
    for character in text:
        if not character.isprintable():
            refusal = gettext("There is a character in the name that can’t be shown ({character}).") \
                if field == "name" else gettext(
                    "There is a character in the note that can’t be shown ({character}).")
            raise UserError(refusal.format(character=f"U+{ord(character):04X}"), field)


_NORMALIZERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "name": normalize_name, "hold_minutes": check_failure_delay, "owner_note": normalize_note}
