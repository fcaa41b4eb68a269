"""Directory source: a JSON file, edited by hand or written by a script.

::

    {
        "owners": {"alice": {"rpms": ["php", "ruby"]}, "@python-sig": {"rpms": ["python3.14"]}},
        "watchers": {"bob": {"rpms": ["php"]}},
        "groups": {"python-sig": ["alice", "carol"]},
        "aliases": {"alice@example.org": "alice", "al": "alice"},
        "addresses": {"alice": "alice@example.org"}
    }

Each part is optional. Without ``watchers``, a package's owners watch it; with it, only those it lists do.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fmn.directory.json_validation import JsonValidator
from fmn.directory.merging import DirectoryPart, DirectoryUnavailableError

PARTS = ("owners", "watchers", "groups", "aliases", "addresses")


class FileSource:
    """Source of a JSON file, which each fetch reads again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fetch(self) -> DirectoryPart:
        """The content of the file.

        :raises DirectoryUnavailableError: with a line for each mistake
        """
        shape = JsonValidator(str(self._path))
        document = shape.object(shape.parse(self._read()))
        for name in document:
            if name not in PARTS:
                shape.mistake(_unknown(name), name)
        part = _part(shape, document)
        shape.check()
        return part

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise DirectoryUnavailableError(f"{self._path}: can't be read: {error.strerror}") from error


def _part(shape: JsonValidator, document: Mapping[str, Any]) -> DirectoryPart:
    watchers = _by_package(shape.tree(document.get("watchers", {}), "watchers"))
    return DirectoryPart(
        committers=_by_package(shape.tree(document.get("owners", {}), "owners")),
        watchers=watchers if "watchers" in document else None,
        groups=shape.lists(document.get("groups", {}), "groups"),
        aliases=shape.pairs(document.get("aliases", {}), "aliases"),
        addresses=shape.pairs(document.get("addresses", {}), "addresses"),
    )


def _by_package(by_person: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
    by_package: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for person, namespaces in by_person.items():
        for namespace, packages in namespaces.items():
            for package in packages:
                by_package[namespace][package].append(person)
    return {namespace: dict(packages) for namespace, packages in by_package.items()}


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, PARTS, n=1)
    return f"isn't known here; did you mean {close[0]}?" if close else f"isn't known here: {', '.join(PARTS)}"
