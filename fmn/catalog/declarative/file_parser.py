"""Parser of a file of event types: the application in it, or every problem with its line."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

import rtoml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fmn.catalog.declarative.declared_events import application_of, catchall_of
from fmn.catalog.declarative.file_schema import EventTable, FileTables
from fmn.catalog.declarative.toml_lines import Place, TomlLines
from fmn.catalog.events import Application, Severity
from fmn.text import one_line, shorten

#: Bytes of a file. An application with 200 event types has fewer.
MAX_FILE_BYTES: Final = 200_000
#: Problems that are told of one file; nobody mends more at once.
MAX_PROBLEMS: Final = 50
#: What rtoml says of tables nested too deeply.
_RECURSION: Final = "recur"
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "is missing", "string_type": "must be a text in quotes",
    "list_type": "must be a text, or a list of texts in brackets",
    "dict_type": "must be a table", "model_type": "must be a table", "bool_type": "must be true or false",
    "string_too_long": "has more than {max_length} characters", "string_too_short": "is empty",
    "too_long": "has more than {max_length} elements", "too_short": "is empty",
    "is_instance_of": "must be a text in quotes",
}


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A problem of a file. ``line`` is 0 for one of the whole file; a warning leaves it usable.

    ``outcome`` is what's done about the file meanwhile.
    """

    file: str
    line: int
    reason: str
    is_warning: bool = field(default=False, kw_only=True)
    outcome: str = field(default="", kw_only=True)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        outcome = f"; {self.outcome}" if self.outcome else ""
        return f"{place}: {'warning: ' if self.is_warning else ''}{self.reason}{outcome}"


class EventTypesFileError(ValueError):
    """A file of event types that can't be used, with all its problems."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A usable file: the application that it describes, and the lines of its values."""

    name: str
    application: Application
    lines: TomlLines = field(compare=False)

    def problem(self, reason: str, *place: str | int, is_warning: bool = False) -> FileProblem:
        """A problem of a value in this file."""
        return FileProblem(self.name, self.lines.of(place), reason, is_warning=is_warning)


def parse_file(name: str, data: bytes, reserved: Collection[str] = ()) -> ParsedFile:
    """Parse a file; ``reserved`` are names of rules that others have.

    :raises EventTypesFileError: it can't be used
    """
    text = _text(name, data)
    values, lines = _values(name, text), TomlLines(text)
    try:
        tables = FileTables.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False)[:MAX_PROBLEMS]
        raise EventTypesFileError(sorted(
            (FileProblem(name, lines.of(each["loc"]), _reason(each)) for each in details),
            key=lambda problem: problem.line)) from None
    if found := list(_contradictions(tables, reserved)):
        raise EventTypesFileError([
            FileProblem(name, lines.of(place), reason) for place, reason in found[:MAX_PROBLEMS]])
    return ParsedFile(name, application_of(tables), lines)


def _text(name: str, data: bytes) -> str:
    if len(data) > MAX_FILE_BYTES:
        raise _unreadable(name, f"the file has more than {MAX_FILE_BYTES:,} bytes; split the application")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(name, "the file isn't text in UTF-8 here; save it as UTF-8", line) from None


def _values(name: str, text: str) -> Any:
    try:
        return rtoml.loads(text)
    except rtoml.TomlParsingError as error:
        if _RECURSION in str(error):
            raise _unreadable(name, "tables are nested too deeply; use fewer levels") from None
        reason, _, place = one_line(str(error)).rpartition(" at line ")
        line = place.partition(" ")[0]
        if reason and line.isdigit():
            raise _unreadable(name, f"this isn't TOML: {reason}", int(line)) from None
        raise _unreadable(name, f"the file isn't TOML: {one_line(str(error))}") from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, f"the file can't be read: {shorten(str(error))}") from None


def _unreadable(name: str, reason: str, line: int = 1) -> EventTypesFileError:
    return EventTypesFileError([FileProblem(name, line, reason)])


def _reason(detail: ErrorDetails) -> str:
    where = _described(detail["loc"])
    if detail["type"] == "extra_forbidden":
        known = _keys(detail["loc"][:-1])
        close = difflib.get_close_matches(str(detail["loc"][-1]), known, n=1)
        return f"there is no key {where}; {f'did you mean {close[0]}?' if close else 'delete it'}"
    if detail["loc"] == ("events",) and detail["type"] == "list_type":
        return "each event is a table of its own: write [[events]] with two brackets"
    if (sentence := _SENTENCES.get(detail["type"])) is not None:
        return f"{where} {sentence.format_map(detail.get('ctx', {}))}"
    text = detail["msg"].removeprefix("Value error, ").replace("Input should be", "it must be")
    return f"{where}: {text[:1].lower()}{text[1:]}"


def _described(place: Sequence[str | int]) -> str:
    """A value's name in a sentence, such as ``usernames[2]``; that of an element counts from 1."""
    shown = ""
    for step in place[2:] if place[0] == "events" and len(place) > 2 else place:  # noqa: PLR2004 - events, number
        shown += f"[{step + 1}]" if isinstance(step, int) else f"{'.' if shown else ''}{shorten(step)}"
    return shown


def _keys(place: Sequence[str | int]) -> list[str]:
    """The keys that there are in a table of a file."""
    model: type[BaseModel] = FileTables
    for step in place:
        known = model.model_fields.get(str(step))
        model = (known and _table_in(known.annotation)) or model
    return list(model.model_fields)


def _table_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _table_in(each))), None)


def _contradictions(tables: FileTables, reserved: Collection[str]) -> Iterator[tuple[Place, str]]:
    """What's wrong with tables that are each right by themselves."""
    category = tables.application.category
    taken = dict.fromkeys(reserved, "FMN itself")
    if catchall_of(category) in taken:
        yield ("application", "category"), f"the category {category!r} is FMN's own; choose another one"
    taken[catchall_of(category)] = "the rule for anything from this application"
    taken |= dict.fromkeys(_fallback_names(category), "messages that no event here fits")
    earlier: dict[str, int] = {}
    for number, event in enumerate(tables.events):
        yield from _misplaced(event, number, category)
        name = event.rule or _derived_name(event)
        if name in taken:
            yield ("events", number, "rule"), (
                f"the rule name {name!r} belongs to {taken[name]}; choose another rule")
        taken[name] = f"event {number + 1}"
        for topic in event.topics:
            if topic in earlier:
                yield ("events", number, "topics"), (
                    f"event {earlier[topic] + 1} takes every message with the topic {topic!r}, so none is "
                    "left for this one; put this one before it, or give that one a when")
            if not event.when:
                earlier.setdefault(topic, number)


def _fallback_names(category: str) -> Iterator[str]:
    name = f"{category.replace('-', '_')}_any"
    yield name
    yield from (f"{name}_{severity}" for severity in Severity)


def _misplaced(event: EventTable, number: int, category: str) -> Iterator[tuple[Place, str]]:
    for topic in event.topics:
        if topic.partition(".")[0] != category:
            yield ("events", number, "topics"), (
                f"the topic {topic!r} has to begin with the category: {category}.")
    if not _is_json(event.example):
        yield ("events", number, "example"), "dates and times in an example are texts: put them in quotes"
    if any("*" in topic for topic in event.topics[:1]) and event.example and event.example_topic is None:
        yield ("events", number, "topics"), "add example_topic: the first topic has a * in it"
    if "*" in (event.example_topic or ""):
        yield ("events", number, "example_topic"), "the example's topic can't have a * in it"
    if event.outcome is not None and not event.subject:
        yield ("events", number, "outcome"), (
            "add subject, which names what failed or recovered, such as plant {plant.id}")


def _derived_name(event: EventTable) -> str:
    return event.topics[0].replace("**", "any").replace("*", "any").replace(".", "_").replace("-", "_")


def _is_json(value: Any) -> bool:
    if isinstance(value, dict | list):
        return all(map(_is_json, value.values() if isinstance(value, dict) else value))
    return value is None or isinstance(value, str | int | float)
