"""What FMN stands on may be given on under FMN's licence, the GPL 3 or later."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, metadata
from typing import Final

import pytest

from tests.cases import every
from tests.unit.deploy.lock import LOCK

#: Licences that go with the GPL 3, by SPDX: https://www.gnu.org/licenses/license-list.html
COMPATIBLE: Final = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "GPL-3.0-or-later", "ISC",
    "LGPL-3.0-or-later", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "ZPL-2.1", "Zlib",
    # the BSD licence, and that changed files say so, which the GPL 3 asks for itself
    "LicenseRef-Repoze-BSD-derived",
})
#: What metadata of before PEP 639 says instead, in its field or its classifier.
OLDER_NAMES: Final[Mapping[str, str]] = {
    "Apache Software License": "Apache-2.0", "Apache 2.0": "Apache-2.0", "BSD License": "BSD-3-Clause",
    "MIT License": "MIT", "ISC License (ISCL)": "ISC", "ISC License": "ISC", "ZPL 2.1": "ZPL-2.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "Repoze Public License": "LicenseRef-Repoze-BSD-derived",
}
#: Known by reading their licence files, for their metadata says nothing or not enough. The last ones aren't
#: installed on every Python or system.
READ: Final[Mapping[str, str]] = {
    "psycopg2-binary": "LGPL-3.0-or-later",
    # until 5.8; later wheels say nothing and bring no file
    "tempora": "MIT",
    "async-timeout": "Apache-2.0",
    "backports-tarfile": "MIT",
    "colorama": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "importlib-resources": "Apache-2.0",
    "legacy-cgi": "PSF-2.0",
}


def said(name: str) -> list[str]:
    """What a release's metadata says of its licence, the best of it: SPDX, a short text, or classifiers."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return []
    classifiers = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or ()
                   if line.startswith("License :: OSI Approved :: ") or "Repoze" in line]
    text = about["License-Expression"] or about["License"] or ""
    known = [OLDER_NAMES.get(text, text)] if acceptable(OLDER_NAMES.get(text, text)) else []
    return known or [OLDER_NAMES.get(line, line) for line in classifiers] or [text][:bool(text)]


def acceptable(expression: str) -> bool:
    """Whether one may choose licences from an SPDX expression that all go with the GPL."""
    return any(all(name in COMPATIBLE for name in choice.split(" AND "))
               for choice in re.sub(r"[()]", "", expression).split(" OR "))


@every("name", LOCK)
def test_each_locked_release_has_a_licence_that_goes_with_ours(name: str) -> None:
    licences = [READ[name]] if name in READ else said(name)

    assert licences, f"{name} says nothing of its licence: read it, and name it in READ"
    assert [licence for licence in licences if not acceptable(licence)] == []


@pytest.mark.parametrize(("expression", "fits"), [
    ("MIT", True), ("Apache-2.0 OR Proprietary", True), ("(MIT AND ISC)", True), ("MIT AND SSPL-1.0", False),
    ("GPL-2.0-only", False), ("", False),
])
def test_a_choice_of_licences_fits_if_one_of_them_does(expression: str, fits: bool) -> None:
    assert acceptable(expression) is fits


def test_nothing_is_known_by_reading_that_is_not_locked() -> None:
    assert sorted(set(READ) - set(LOCK)) == []
