"""Schema of a file of event types: its tables, their types and bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf

from fmn.catalog.declarative.body_paths import BodyPath, parse_path
from fmn.catalog.declarative.conditions import BodyCondition, parse_conditions
from fmn.catalog.declarative.templates import Template, parse_template
from fmn.catalog.urls import safe_link
from fmn.text import one_line

#: Event types of a file; paths, topics and the like of one event type.
MAX_EVENTS: Final = 200
MAX_ITEMS: Final = 50
#: Characters of names, titles and sentences.
MAX_NAME_LENGTH: Final = 100
MAX_HELP_LENGTH: Final = 500

_CATEGORY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
_RULE: Final = re.compile(r"[a-z][a-z0-9_]{0,99}")
_TOPIC: Final = re.compile(r"[\w-]+(?:\.(?:[\w-]+|\*))*(?:\.\*\*)?", re.ASCII)
_PREFIX: Final = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")


def _matching(pattern: re.Pattern[str], expected: str, value: str) -> str:
    if pattern.fullmatch(value) is None:
        raise ValueError(f"{value[:MAX_NAME_LENGTH]!r} isn't {expected}")
    return value


def _like(pattern: re.Pattern[str], expected: str) -> AfterValidator:
    return AfterValidator(partial(_matching, pattern, expected))


def _link(value: str) -> str:
    if value and not safe_link(value):
        raise ValueError("it isn't a link that begins with https:// or http://")
    return value


def _template(value: object) -> object:
    return parse_template(value) if isinstance(value, str) else value


def _path(value: object) -> object:
    return parse_path(value) if isinstance(value, str) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _conditions(value: object) -> object:
    return parse_conditions(value) if isinstance(value, dict) else value


Line = Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=MAX_NAME_LENGTH)]
Help = Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=MAX_HELP_LENGTH)]
Link = Annotated[str, Field(max_length=MAX_HELP_LENGTH), AfterValidator(_link)]
Topic = Annotated[str, Field(max_length=200), _like(
    _TOPIC, "a topic such as garden.plant.watered, in which * stands for a part and a final ** for the rest")]
Text = Annotated[InstanceOf[Template], BeforeValidator(_template)]
Path = Annotated[InstanceOf[BodyPath], BeforeValidator(_path)]
Paths = Annotated[list[Path], BeforeValidator(_as_list), Field(max_length=MAX_ITEMS)]
Conditions = Annotated[list[InstanceOf[BodyCondition]], BeforeValidator(_conditions)]


class Table(BaseModel):
    """Base class of the tables. Unknown keys are errors, so that typing mistakes are reported."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True)


class ApplicationTable(Table):
    """The table ``application``: a service that publishes messages under one category."""

    category: Annotated[str, _like(_CATEGORY, "a category: small letters, digits, - and _, 50 at most")]
    title: Line
    help: Help
    icon: Link = ""
    topic_prefix: Annotated[str, _like(_PREFIX, "a prefix of two parts, such as org.example")] = "org.example"


class PackageTable(Table):
    """A package that an event concerns: a path to names, and the namespace of them all."""

    name: Path
    namespace: Annotated[str, Field(max_length=MAX_NAME_LENGTH)] = ""


def _as_package(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class EventTable(Table):
    """A table ``events``: an event type."""

    topics: Annotated[list[Topic], BeforeValidator(_as_list), Field(min_length=1, max_length=MAX_ITEMS)]
    title: Line
    help: Help
    summary: Text
    rule: Annotated[str, _like(
        _RULE, "a name of small letters, digits and _, 100 at most")] | None = None
    severity: Literal["debug", "info", "warning", "error"] = "info"
    when: Conditions = []
    long: Text | None = None
    link: Text | None = None
    thread: Text | None = None
    icon: Text | None = None
    avatar: Text | None = None
    agent: Paths = []
    usernames: Paths = []
    packages: Annotated[
        list[Annotated[PackageTable, BeforeValidator(_as_package)]], BeforeValidator(_as_list),
        Field(max_length=MAX_ITEMS)] = []
    groups: Paths = []
    outcome: Literal["failed", "succeeded"] | None = None
    subject: Annotated[list[Text], BeforeValidator(_as_list), Field(max_length=MAX_ITEMS)] = []
    count_noun: Annotated[str, Field(max_length=MAX_NAME_LENGTH)] = ""
    retired: bool = False
    example: Mapping[str, Any] = {}
    example_topic: Topic | None = None
    example_headers: Annotated[Mapping[str, str | int | bool], Field(max_length=MAX_ITEMS)] = {}


class FileTables(Table):
    """The whole file."""

    application: ApplicationTable
    events: Annotated[list[EventTable], Field(min_length=1, max_length=MAX_EVENTS)]
