"""The lock of what hosts install, read as pip reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT: Final = Path(__file__).parents[3]
TEXT: Final = (PROJECT / "deploy" / "requirements.lock").read_text(encoding="utf-8")
#: A line with what continues it.
_LINE: Final = re.compile(r"^[^\s#](?:[^\n]*\\\n)*[^\n]*$", re.MULTILINE)
_HASH: Final = re.compile(r"--hash=(\S+)")


@dataclass(frozen=True)
class Locked:
    """One release that hosts install."""

    name: str
    version: Version
    marker: Marker | None
    hashes: tuple[str, ...]


def _locked(line: str) -> Locked:
    requirement = Requirement(line.partition("--hash=")[0].replace("\\\n", "").strip())
    [specifier] = requirement.specifier
    assert specifier.operator == "==", line
    return Locked(canonicalize_name(requirement.name), Version(specifier.version), requirement.marker,
                  tuple(_HASH.findall(line)))


LOCK: Final[Mapping[str, Locked]] = {
    locked.name: locked for locked in map(_locked, _LINE.findall(TEXT))}
