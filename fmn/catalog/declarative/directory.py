"""The directory with files of event types: noticing changes, reading, and extending a catalogue.

A file that can't be used never stops anything: the version of it that was used last stays, and without one
the file is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from fmn.catalog.declarative.file_parser import (
    MAX_FILE_BYTES,
    EventTypesFileError,
    FileProblem,
    ParsedFile,
    parse_file,
)
from fmn.catalog.registry import Catalog, CatalogError

#: Files of a directory, and event types in all of them.
MAX_FILES: Final = 100
MAX_EVENTS_IN_ALL: Final = 2_000
PATTERN: Final = "*.toml"

#: What becomes of a wrong file of which this process knows no other version. Others may: it's told in ``fmn
#: status``, too, which has just begun.
LEFT_OUT: Final = "until then it's left out, except by processes that know the version before"

#: What changes when a file does: inode, size, and times of modification and change in nanoseconds.
FileVersion = tuple[int, int, int, int]


@dataclass(frozen=True)
class ExtendedCatalog:
    """A catalogue with the applications of files, those files by name, and what's wrong with any."""

    catalog: Catalog
    files: Mapping[str, ParsedFile] = field(default_factory=dict)
    problems: tuple[FileProblem, ...] = ()


def file_versions(directory: Path) -> Mapping[str, FileVersion]:
    """The versions of a directory and of its files, by name; of the directory alone if it can't be read."""
    try:
        paths = sorted(directory.glob(PATTERN))
    except OSError:
        paths = []
    return {path.name: _version(path) for path in (directory, *paths)}


def last_change(versions: Mapping[str, FileVersion]) -> float:
    """When the last of these versions came about, in seconds since 1970."""
    return max(changed for *_, changed in versions.values()) / 1e9


def _version(path: Path) -> FileVersion:
    try:
        found = path.stat()
    except OSError:  # gone since, or a link that leads nowhere
        return 0, 0, 0, 0
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def extended(
    base: Catalog, directory: Path, reserved: Collection[str] = (),
    used: Mapping[str, ParsedFile] | None = None,
) -> ExtendedCatalog:
    """``base`` with the applications of a directory's files.

    ``reserved`` are rule names beside those of ``base``. ``used`` are the files' versions that were used
    last, by name; one of them is used again if its file is wrong now.
    """
    found = ExtendedCatalog(base)
    if not directory.is_dir():
        return _with_problem(found, FileProblem(
            str(directory), 0, "there is no such directory; create it, or correct fmn.catalog.directory"))
    paths = sorted(path for path in directory.glob(PATTERN) if not path.name.startswith("."))
    for path in paths[MAX_FILES:]:
        found = _with_problem(found, FileProblem(
            str(path), 0, f"the file is left out: {MAX_FILES} files are the most; put applications together"))
    names = {*reserved, *_rule_names(base)}
    for path in paths[:MAX_FILES]:
        found = _with_file(found, path, names, (used or {}).get(path.name))
    return found


def _rule_names(known: Catalog) -> Iterator[str]:
    for application in known.applications.values():
        yield application.catchall
        yield from (event.name for event in application.event_types)
        yield from (rule.name for rule in application.rules)


def _with_problem(found: ExtendedCatalog, *problems: FileProblem) -> ExtendedCatalog:
    return ExtendedCatalog(found.catalog, found.files, (*found.problems, *problems))


def _with_file(
    found: ExtendedCatalog, path: Path, reserved: Collection[str], used: ParsedFile | None,
) -> ExtendedCatalog:
    try:
        return _added(found, path.name, _parsed(path, reserved))
    except EventTypesFileError as error:
        try:
            before = None if used is None else _added(found, path.name, used)
        except EventTypesFileError:
            before = None
        outcome = LEFT_OUT if before is None else "until then the version before stays in use"
        problems = [replace(each, outcome=outcome) for each in error.problems]
        return _with_problem(before or found, *problems)


def _parsed(path: Path, reserved: Collection[str]) -> ParsedFile:
    try:
        if not path.is_file():
            raise EventTypesFileError([FileProblem(str(path), 0, "it isn't a regular file; delete it")])
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise EventTypesFileError([FileProblem(
            str(path), 0, f"it can't be read ({error.strerror}); let FMN's user read it")]) from None
    return parse_file(str(path), data, reserved)


def _added(found: ExtendedCatalog, name: str, parsed: ParsedFile) -> ExtendedCatalog:
    """The catalogue with a file's application.

    :raises EventTypesFileError: it doesn't go together with the others
    """
    events = sum(len(each.application.event_types) for each in found.files.values())
    if events + len(parsed.application.event_types) > MAX_EVENTS_IN_ALL:
        raise EventTypesFileError([parsed.problem(
            f"all files together have more than {MAX_EVENTS_IN_ALL:,} events; delete some", "application")])
    try:
        catalog = Catalog([*found.catalog.applications.values(), parsed.application])
    except CatalogError as error:
        raise EventTypesFileError([parsed.problem(
            f"{error}; choose another name", "application", "category")]) from None
    return ExtendedCatalog(catalog, {**found.files, name: parsed}, found.problems)
