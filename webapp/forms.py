"""Form validation: submitted fields as a model, or an error message per field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from webob.multidict import MultiDict

from fmn.errors import UserError
from fmn.text import sentence
from fmn.translations import gettext, mark

#: Problems that are no field's stand under this name.
WHOLE_FORM: Final = ""
#: What pydantic says of common mistakes isn't for people.
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": mark("Fill in this field."),
    "string_too_short": mark("Fill in this field."),
    "string_type": mark("Enter text."),
    "int_parsing": mark("Enter a whole number."),
    "int_parsing_size": mark("Enter a smaller number."),
    "int_from_float": mark("Enter a whole number."),
    "float_parsing": mark("Enter a number."),
    "finite_number": mark("Enter a number."),
    "greater_than": mark("Enter a number greater than {gt}."),
    "greater_than_equal": mark("Enter {ge} or more."),
    "less_than": mark("Enter a number less than {lt}."),
    "less_than_equal": mark("Enter {le} or less."),
    "string_too_long": mark("Enter at most {max_length} characters."),
    "too_short": mark("Choose at least {min_length}."),
    "too_long": mark("Choose at most {max_length}."),
    "literal_error": mark("Choose one of the options."),
    "enum": mark("Choose one of the options."),
    "time_parsing": mark("Enter a time of day, for example 08:00."),
    "time_delta_parsing": mark("Enter a time of day, for example 08:00."),
    "date_from_datetime_parsing": mark("Enter a date, for example 2026-03-14."),
    "date_parsing": mark("Enter a date, for example 2026-03-14."),
}

#: And what it says of others isn't either.
_UNFIT: Final = mark("This value isn’t valid. Enter a different one.")
#: Mistakes that a form knows itself, and has a sentence for.
_OWN: Final = frozenset({"value_error", "assertion_error"})

AForm = TypeVar("AForm", bound="Form")


class Form(BaseModel):
    """Base class of forms. Fields that the form doesn't declare, such as the CSRF token, are ignored."""

    model_config = ConfigDict(
        hide_input_in_errors=True, extra="ignore", str_strip_whitespace=True, frozen=True)


class FormError(UserError):
    """A form that can't be read; ``by_field`` has a sentence for each field at fault."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        super().__init__(" ".join(by_field.values()), next(iter(by_field)))
        self.by_field = by_field


def read_form(form: type[AForm], typed: MultiDict[str, str]) -> AForm:
    """Validate submitted fields. Raises :class:`FormError`."""
    try:
        return form.model_validate(_values(form, typed))
    except ValidationError as error:
        raise FormError(_problems(error)) from None


def parse_whole_number(text: str) -> int | None:
    """The whole number in a field, or ``None``."""
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None


def _values(form: type[Form], typed: MultiDict[str, str]) -> Mapping[str, Any]:
    """The fields' values: lists where the form has lists, and no entry for empty fields."""
    found: dict[str, Any] = {}
    for name, field in form.model_fields.items():
        given = [value for value in typed.getall(name) if value != ""]
        if _wants_several(field.annotation):
            found[name] = given
        elif given:
            found[name] = given[-1]
    return found


def _wants_several(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) in (list, tuple, set, frozenset)


def _problems(error: ValidationError) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for detail in error.errors():
        field = str(detail["loc"][0]) if detail["loc"] else WHOLE_FORM
        found.setdefault(field, _sentence(detail["type"], detail["msg"], detail.get("ctx", {})))
    return found


def _sentence(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind not in _OWN:
        return gettext(_SENTENCES.get(kind, _UNFIT)).format_map(context)
    return sentence(message.partition(", ")[2])  # after "Value error"
