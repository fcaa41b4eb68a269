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
from fmn.preferences_io.schema import VERSION, Format, Preferences
from fmn.text import sentence, shorten

#: Bytes of a file, at most; far more than anybody's preferences have.
MAX_FILE_BYTES: Final = 500_000
#: Problems that are told one by one; nobody mends more at once.
MAX_PROBLEMS: Final = 100
#: What pydantic says of common mistakes isn't a sentence for people.
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "it is missing",
    "string_type": "it should be a text in quotes",
    "int_type": "it should be a whole number",
    "bool_type": "it should be true or false",
    "list_type": "it should be a list in brackets",
    "dict_type": "it should be a group",
    "model_type": "it should be a group",
    "timezone_aware": "it needs a time zone, as in 2026-03-14T08:00:00Z",
}
_TOO_DEEP: Final = "The file has groups within groups within groups …"
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
        raise FileSyntaxError([FileProblem("", f"The file is larger than {MAX_FILE_BYTES:,} bytes.")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = f"The file isn’t text in UTF-8 from byte {error.start} on."
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
        wrong = f"The file isn’t JSON: {error.msg.lower()} in line {error.lineno}, column {error.colno}."
    except rtoml.TomlParsingError as error:
        wrong = _TOO_DEEP if _RECURSION in str(error) else sentence(f"The file isn’t TOML: {error}")
    except RecursionError:
        wrong = _TOO_DEEP
    except ValueError as error:  # numbers longer than Python reads
        wrong = sentence(f"The file can’t be read: {error}")
    raise FileSyntaxError([FileProblem("", wrong)])


def _problems(error: ValidationError, values: Any) -> Iterator[FileProblem]:
    for detail in error.errors(include_url=False)[:MAX_PROBLEMS]:
        yield FileProblem(place_of(detail["loc"], values), _detail(detail))
    if (more := error.error_count() - MAX_PROBLEMS) > 0:
        yield FileProblem("", f"And {more:,} more are like these.")


def _detail(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        known = _known(Preferences, detail["loc"][:-1])
        close = difflib.get_close_matches(str(detail["loc"][-1]), known, n=1)
        return f"There’s no such word here{f'; did you mean {close[0]}?' if close else '.'}"
    if not detail["loc"]:
        return "The file should be one group, with a version in it."
    if detail["loc"] == ("version",):
        return f"It says which kind of file this is: write version = {VERSION} on top."
    text = detail["msg"].removeprefix("Value error, ").replace("Input should be", "it should be")
    return sentence(_SENTENCES.get(detail["type"], text))


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
