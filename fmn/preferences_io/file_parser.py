"""Parser of preferences files. Its errors are sentences, each with its place in the file."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import rtoml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fmn.errors import UserError
from fmn.localized import number_text
from fmn.preferences_io.schema import VERSION, Format, Preferences
from fmn.text import sentence, shorten
from fmn.translations import gettext, mark, ngettext

#: Bytes of a file, at most; far more than anybody's preferences have.
MAX_FILE_BYTES: Final = 500_000
#: Problems that are told one by one; nobody mends more at once.
MAX_PROBLEMS: Final = 100
MISSING: Final = mark("It is missing.")
_NO_GROUP: Final = mark("It should be a group.")
_NO_TIME: Final = mark("It should be a date and time, as in 2026-03-14T08:00:00Z.")
#: What pydantic says of common mistakes isn't a sentence for people.
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": MISSING,
    "string_type": mark("It should be a text in quotes."),
    "int_type": mark("It should be a whole number."),
    "bool_type": mark("It should be true or false."),
    "list_type": mark("It should be a list in brackets."),
    "dict_type": _NO_GROUP,
    "model_type": _NO_GROUP,
    "datetime_type": _NO_TIME,
    "datetime_parsing": _NO_TIME,
    "datetime_from_date_parsing": _NO_TIME,
    "timezone_aware": mark("It needs a time zone, as in 2026-03-14T08:00:00Z."),
}
#: Errors that list the values which are possible.
_CHOICES: Final = frozenset({"enum", "literal_error"})
_TOO_DEEP: Final = mark("The file has groups within groups within groups …")
#: What rtoml says of those; 80 levels are its most.
_RECURSION: Final = "recur"


@dataclass(frozen=True)
class FileProblem:
    """A problem and its place in the file: ``contexts.email, filter 3 “Kernel”, expression``."""

    place: str
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {self.detail}" if self.place else self.detail


class PreferencesFileError(UserError):
    """A file of preferences that can't be imported, with all its problems and their places."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class FileSyntaxError(PreferencesFileError):
    """A file that can't be read: too large, no UTF-8, or neither TOML nor JSON."""


def parse_file(data: bytes, written: Format | None = None) -> Preferences:
    """Parse a file. Raises :class:`PreferencesFileError`.

    Without ``written``, a file that begins with a brace is JSON, any other TOML.
    """
    if len(data) > MAX_FILE_BYTES:
        wrong = gettext("The file is larger than {most} bytes.").format(most=number_text(MAX_FILE_BYTES))
        raise FileSyntaxError([FileProblem("", wrong)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = gettext("The file isn’t text in UTF-8 from byte {place} on.").format(place=error.start)
        raise FileSyntaxError([FileProblem("", wrong)]) from None
    values = _values(text, written or (Format.JSON if text.lstrip().startswith("{") else Format.TOML))
    try:
        return Preferences.model_validate(values)
    except ValidationError as error:
        raise PreferencesFileError(list(_problems(error, values))) from None


def _values(text: str, written: Format) -> Any:
    try:
        # Not tomllib, which takes time and memory by the square of a key's dots.
        return json.loads(text) if written is Format.JSON else rtoml.loads(text)
    except json.JSONDecodeError as error:
        wrong = gettext("The file isn’t JSON: {error} in line {line}, column {column}.").format(
            error=error.msg.lower(), line=error.lineno, column=error.colno)
    except rtoml.TomlParsingError as error:
        wrong = gettext(_TOO_DEEP) if _RECURSION in str(error) else sentence(
            gettext("The file isn’t TOML: {error}").format(error=error))
    except RecursionError:
        wrong = gettext(_TOO_DEEP)
    except ValueError as error:  # numbers longer than Python reads
        wrong = sentence(gettext("The file can’t be read: {error}").format(error=error))
    raise FileSyntaxError([FileProblem("", wrong)])


def _problems(error: ValidationError, values: Any) -> Iterator[FileProblem]:
    for detail in error.errors(include_url=False)[:MAX_PROBLEMS]:
        yield FileProblem(place_of(detail["loc"], values), _detail(detail))
    if (more := error.error_count() - MAX_PROBLEMS) > 0:
        yield FileProblem("", ngettext(
            "And {number} more is like these.", "And {number} more are like these.", more,
        ).format(number=number_text(more)))


def _detail(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        known = _known(Preferences, detail["loc"][:-1])
        close = difflib.get_close_matches(str(detail["loc"][-1]), known, n=1)
        return gettext("There’s no such word here; did you mean {name}?").format(
            name=close[0]) if close else gettext("There’s no such word here.")
    if not detail["loc"]:
        return gettext("The file should be one group, with a version in it.")
    if detail["loc"] == ("version",):
        return gettext("It says which kind of file this is: write {line} on top.").format(
            line=f"version = {VERSION}")
    return _wrong_value(detail)


def _wrong_value(detail: ErrorDetails) -> str:
    if detail["type"] in _SENTENCES:
        return gettext(_SENTENCES[detail["type"]])
    if detail["type"] in _CHOICES:
        names, _, last = detail["ctx"]["expected"].rpartition(" or ")
        choices = gettext("{names} or {last}").format(names=names, last=last) if names else last
        return gettext("It should be {choices}.").format(choices=choices)
    return sentence(detail["msg"].removeprefix("Value error, ").replace("Input should be", "it should be"))


def place_of(steps: Sequence[int | str], values: Any) -> str:
    """Describe a place in the file: items of lists count from 1, and filters have their names."""
    place = ""
    for step in steps:
        inner = _inner(values, step)
        if isinstance(step, int):
            place = f"{place.removesuffix('s')} {step + 1}{_name(inner)}"
        else:
            between = "" if not place else "." if place == "contexts" else ", "
            place = f"{place}{between}{shorten(step)}"
        values = inner
    return place


def _inner(values: Any, step: int | str) -> Any:
    if isinstance(values, list) and isinstance(step, int):
        return values[step]
    return values.get(step) if isinstance(values, dict) else None


def _name(value: Any) -> str:
    name = value.get("name") if isinstance(value, dict) else None
    return f" “{shorten(name)}”" if isinstance(name, str) and name else ""


def _known(model: type[BaseModel], steps: Sequence[int | str]) -> list[str]:
    """The names of the fields of the group at a place."""
    for step in steps:
        field = model.model_fields.get(str(step))
        inner = _group(field.annotation) if field else None
        model = inner or model
    return list(model.model_fields)


def _group(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _group(each))), None)
