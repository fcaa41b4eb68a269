"""Loader of settings, from the ini file's ``[app:main]`` section and the environment."""

from __future__ import annotations

import configparser
import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError, create_model
from pydantic.fields import FieldInfo

from fmn.errors import OperatorError
from fmn.settings.field_types import SettingsSection
from fmn.settings.installed_channels import channel_sections
from fmn.settings.masking import MASK, masked
from fmn.settings.sections import Settings

PREFIX = "fmn."
SECTION = "app:main"
#: Names the ini file for programs that take no argument for it, such as ``dramatiq fmn.actors``.
CONFIG_VARIABLE = "FMN_CONFIG"


class SettingsError(OperatorError):
    """Invalid settings. The text has one line per problem."""


def known_keys() -> list[str]:
    """Names of all settings, as written in the ini file."""
    return [key for key, _ in _fields()]


def secret_keys() -> frozenset[str]:
    """Names of the settings that are secrets. URLs with passwords aren't among them: see :func:`masked`."""
    return frozenset(key for key, known in _fields() if not known.repr)


def _fields() -> Iterator[tuple[str, FieldInfo]]:
    for section, kind in _sections().items():
        for name, known in kind.model_fields.items():
            yield f"{PREFIX}{section}.{name}", known


@cache
def installed_settings() -> type[Settings]:
    """The model of all settings: :class:`Settings` with a section for each installed channel that has one."""
    fields: dict[str, Any] = {name: (section, section()) for name, section in channel_sections().items()}
    return create_model("InstalledSettings", __base__=Settings, **fields)


def _sections() -> Mapping[str, type[SettingsSection]]:
    return {
        name: known.annotation for name, known in installed_settings().model_fields.items()
        if isinstance(known.annotation, type) and issubclass(known.annotation, SettingsSection)
    }


@dataclass(frozen=True)
class CheckedSettings:
    """Result of validation: the settings as far as they are valid, and all problems, a sentence each.

    ``invalid`` are invalid keys, for which ``settings`` has the defaults, and sections with contradictions,
    such as ``fmn.irc.``. ``values`` are the values as written; ``origin`` says where each is written.
    """

    settings: Settings
    problems: tuple[str, ...] = ()
    invalid: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    origin: Mapping[str, str] = field(default_factory=dict)


def load_settings(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Load settings from the ini file at ``path`` (or the one that ``FMN_CONFIG`` names) and the environment.

    Raises :class:`SettingsError` with one line per problem.
    """
    if path is None:
        named = environ.get(CONFIG_VARIABLE, "")
        if not named:
            raise SettingsError(f"no settings: name an ini file with --config or in {CONFIG_VARIABLE}")
        path = Path(named)
    return _usable(check_settings(path, environ))


def settings_from(
    values: Mapping[str, str], where: str = "the settings", environ: Mapping[str, str] | None = None,
) -> Settings:
    """Load settings from a mapping of keys, as Pyramid passes it. ``environ`` wins over it."""
    return _usable(_check(values, where, environ or {}))


def check_settings(path: Path, environ: Mapping[str, str] = os.environ) -> CheckedSettings:
    """Validate the settings of the ini file at ``path`` and the environment.

    Raises :class:`SettingsError` only if there's nothing to read.
    """
    values, problems = _read_ini(path)
    return _check(values, str(path), environ, problems)


def _usable(checked: CheckedSettings) -> Settings:
    if checked.problems:
        raise SettingsError("\n".join(checked.problems))
    return checked.settings


def _check(
    values: Mapping[str, str], where: str, environ: Mapping[str, str],
    unreadable: Mapping[str, str] | None = None,
) -> CheckedSettings:
    ours = {key: value for key, value in values.items() if key.startswith(PREFIX)}
    found = _read_environment(environ)
    origin = dict.fromkeys(ours, where) | dict.fromkeys(found, "the environment")
    return _Validation({**ours, **found}, origin, unreadable or {}).result()


def _read_ini(path: Path) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Read the values of FMN's section, and the problems of those that can't be read, by key."""
    parser = configparser.ConfigParser(
        defaults={"here": str(path.resolve().parent)}, interpolation=configparser.BasicInterpolation())
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_file(file)
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}") from error
    except (configparser.Error, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: isn't a valid ini file: {' '.join(str(error).split())}") from error
    if not parser.has_section(SECTION):
        raise SettingsError(f"{path}: has no [{SECTION}] section, where the settings belong")
    values, problems = {}, {}
    for key in parser.options(SECTION):
        try:
            values[key] = parser.get(SECTION, key)
        except configparser.InterpolationError:
            problems[key] = f"{path}: {key} has a % in it, which is to be written %%"
    return values, problems


def _read_environment(environ: Mapping[str, str]) -> Mapping[str, str]:
    names = {_variable(key): key for key in known_keys()}
    found = {name: value for name, value in environ.items()
             if name.startswith("FMN_") and name != CONFIG_VARIABLE}
    return {names.get(name, name): value for name, value in found.items()}


def _variable(key: str) -> str:
    return key.upper().replace(".", "_")


class _Validation:
    """Validation that finds all problems: it reports invalid values, removes them, and validates again.

    A rule about several settings isn't told of if one of those that it names is wrong already: it's asked
    with a default then. ``unreadable`` has what's wrong with those that have no value, by their keys.
    """

    def __init__(
        self, values: Mapping[str, str], origin: Mapping[str, str], unreadable: Mapping[str, str],
    ) -> None:
        known = set(known_keys())
        self._values, self._origin = values, origin
        # What the environment has is read from there.
        self._problems = [problem for key, problem in unreadable.items() if key not in values]
        self._problems += [_unknown(key, origin[key]) for key in values if key not in known]
        self._invalid_keys = {key for key in unreadable if key not in values}
        self._reported: set[type[SettingsSection]] = set()
        self._nested: dict[str, dict[str, Any]] = {}
        for key, value in values.items():
            if key in known:
                section, name = key.removeprefix(PREFIX).split(".", 1)
                self._nested.setdefault(section, {})[name] = value

    def result(self) -> CheckedSettings:
        """Validate; returns the settings and all problems."""
        while True:
            try:
                settings = installed_settings().model_validate(self._nested, context=self._reported)
            except ValidationError as error:
                self._report(error)
            else:
                break
        return CheckedSettings(
            settings, tuple(self._problems), frozenset(self._invalid_keys), self._values, self._origin)

    def _report(self, error: ValidationError) -> None:
        """Record the problems of a validation, and remove the values concerned; contradicting values stay."""
        found = [(tuple(map(str, detail["loc"][:2])), dict(detail)) for detail in error.errors()]
        self._problems += [
            line for _, detail in found for line in _invalid(detail, self._origin).splitlines()
            if not any(wrong in line for wrong in self._invalid_keys)]
        for place, _ in found:
            match place:
                case section, name:
                    del self._nested[section][name]
                    self._invalid_keys.add(f"{PREFIX}{section}.{name}")
                case (section,):
                    self._reported.add(_sections()[section])
                    self._invalid_keys.add(f"{PREFIX}{section}.")
                case _:  # each section is right, but not all of them together
                    self._reported.add(installed_settings())


def _unknown(key: str, where: str) -> str:
    names = [_variable(name) for name in known_keys()] if key.startswith("FMN_") else known_keys()
    # What they all begin with makes none of them alike.
    rests = {name[len(PREFIX):]: name for name in names}
    close = difflib.get_close_matches(key[len(PREFIX):], rests, n=1)
    hint = f"; did you mean {rests[close[0]]}?" if close else ""
    return f"{where}: {key} is not a setting{hint}"


def _invalid(detail: Mapping[str, Any], origin: Mapping[str, str]) -> str:
    message = str(detail["msg"]).removeprefix("Value error, ")
    if len(detail["loc"]) < 2:  # noqa: PLR2004 - section and name; a rule about several settings names them in its own words
        return message
    key = PREFIX + ".".join(str(part) for part in detail["loc"][:2])
    where = origin.get(key, "the settings")
    shown = MASK if key in secret_keys() else masked(repr(detail["input"]))
    return f"{where}: {key} = {shown} can't be used: {message[:1].lower()}{message[1:]}"
