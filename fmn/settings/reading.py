"""Reading settings: from an ini file's ``[app:main]`` section and the environment, every problem at once."""

from __future__ import annotations

import configparser
import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fmn.mistakes import MistakeError
from fmn.settings.fields import Section
from fmn.settings.sections import Settings

PREFIX = "fmn."
SECTION = "app:main"
#: Names the ini file for programs that take no argument for it, such as ``dramatiq fmn.actors``.
CONFIG_VARIABLE = "FMN_CONFIG"
#: A URL's password, which nobody else who reads our problems needs to know.
_PASSWORD = re.compile(r"(?<=:)[^:/@]*(?=@)")


class SettingsError(MistakeError):
    """The settings can't be used; the text has one line per problem."""


def known_keys() -> list[str]:
    """Every setting by the name it has in the ini file."""
    return [f"{PREFIX}{section}.{name}" for section, name in _fields()]


def _fields() -> Iterator[tuple[str, str]]:
    for section, field in Settings.model_fields.items():
        assert isinstance(field.annotation, type)
        assert issubclass(field.annotation, Section)
        for name in field.annotation.model_fields:
            yield section, name


def load_settings(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the ini file at ``path`` (or the one that ``FMN_CONFIG`` names) and the environment.

    Raises :class:`SettingsError` with one line per problem.
    """
    if path is None:
        named = environ.get(CONFIG_VARIABLE, "")
        if not named:
            raise SettingsError(f"no settings: name an ini file with --config or in {CONFIG_VARIABLE}")
        path = Path(named)
    return settings_from(_read_ini(path), str(path), environ)


def settings_from(
    values: Mapping[str, str], where: str = "the settings", environ: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from ini-style keys, as a Pyramid app is given them. ``environ`` wins over them."""
    ours = {key: value for key, value in values.items() if key.startswith(PREFIX)}
    found = _read_environment(environ or {})
    return _build({**ours, **found}, dict.fromkeys(ours, where) | dict.fromkeys(found, "the environment"))


def _read_ini(path: Path) -> Mapping[str, str]:
    parser = configparser.ConfigParser(
        defaults={"here": str(path.resolve().parent)}, interpolation=configparser.BasicInterpolation())
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_file(file)
        return dict(parser[SECTION]) if parser.has_section(SECTION) else _no_section(path)
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}") from error
    except configparser.InterpolationError as error:
        raise SettingsError(f"{path}: {error.option} has a % in it, which is to be written %%") from error
    except (configparser.Error, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: isn't a valid ini file: {' '.join(str(error).split())}") from error


def _no_section(path: Path) -> Mapping[str, str]:
    raise SettingsError(f"{path}: has no [{SECTION}] section, where the settings belong")


def _read_environment(environ: Mapping[str, str]) -> Mapping[str, str]:
    names = {_variable(key): key for key in known_keys()}
    found = {name: value for name, value in environ.items()
             if name.startswith("FMN_") and name != CONFIG_VARIABLE}
    return {names.get(name, name): value for name, value in found.items()}


def _variable(key: str) -> str:
    return key.upper().replace(".", "_")


def _build(values: Mapping[str, str], origin: Mapping[str, str]) -> Settings:
    known = set(known_keys())
    problems = [_unknown(key, origin[key]) for key in values if key not in known]
    nested: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        if key in known:
            section, name = key.removeprefix(PREFIX).split(".", 1)
            nested.setdefault(section, {})[name] = value
    try:
        settings = Settings.model_validate(nested)
    except ValidationError as error:
        problems += [_invalid(dict(detail), origin) for detail in error.errors()]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _unknown(key: str, where: str) -> str:
    names = [_variable(name) for name in known_keys()] if key.startswith("FMN_") else known_keys()
    close = difflib.get_close_matches(key, names, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"{where}: {key} is not a setting{hint}"


def _invalid(detail: Mapping[str, Any], origin: Mapping[str, str]) -> str:
    message = str(detail["msg"]).removeprefix("Value error, ")
    if len(detail["loc"]) < 2:  # noqa: PLR2004 - section and name; a rule about several settings names them in its own words
        return message
    key = PREFIX + ".".join(str(part) for part in detail["loc"][:2])
    where = origin.get(key, "the settings")
    shown = _PASSWORD.sub("…", repr(detail["input"]))
    return f"{where}: {key} = {shown} can't be used: {message[:1].lower()}{message[1:]}"
