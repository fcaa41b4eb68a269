"""Parsing of build names: ``firefox-128.0-1.fc40`` is name, version and release (NVR)."""

from __future__ import annotations

import re
from typing import Final

from fmn.catalog.message_reader import JsonNode

#: Version and release. The name may contain dashes, these two may not.
PARTS_AFTER_NAME = 2

#: Distribution in a release: ``fc44``, ``el9_4``, ``eln130``.
_BUILT_FOR: Final = re.compile(r"\.((?:fc|el)\w+)")

#: Suffixes of package files, including the architecture.
FILE_ENDINGS = (".src.rpm", ".nosrc.rpm", ".rpm")


def package_name(build: str) -> str:
    """The package of a build: ``python-requests`` of ``python-requests-2.32.3-1.fc40``."""
    return build.strip().rsplit("-", PARTS_AFTER_NAME)[0]


def build_name(node: JsonNode, *path: str | int) -> str:
    """The NVR of an object with name, version and release; missing parts are left out."""
    found = node.at(*path)
    return "-".join(filter(None, (found.text(key) for key in ("name", "version", "release"))))


def build_of_file(path: str) -> str:
    """The NVR in a file name: ``a-1-2.src.rpm``, ``cli-build/1718.42.xyz/a-1-2.src.rpm``."""
    name = path.rpartition("/")[2]
    ending = next(filter(name.endswith, FILE_ENDINGS), "")
    return name.removesuffix(ending)


def built_for(release: str) -> str:
    """The distribution in a release: ``fc40`` of ``1.fc40``; ``""`` without one."""
    found = _BUILT_FOR.search(release)
    return found[1] if found else ""
