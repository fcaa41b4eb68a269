"""The bill of materials that `make dist` writes, of the environment that these tests run in."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, cast

import pytest
from cyclonedx.schema import SchemaVersion
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from tests.unit.deploy.lock import LOCK, PROJECT

PROGRAMS: Final = Path(sys.executable).parent
#: Components that are held against the schema.
SOME: Final = 20


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the last two lines of `make dist` write, but for its validation, which a test does here."""
    folder = tmp_path_factory.mktemp("bill")
    table = subprocess.run([sys.executable, PROJECT / "deploy/project_table.py"],
                           check=True, capture_output=True, text=True).stdout
    (folder / "pyproject.toml").write_text(table, encoding="utf-8")
    subprocess.run(
        [PROGRAMS / "cyclonedx-py", "environment", "--pyproject", folder / "pyproject.toml",
         "--output-reproducible", "--no-validate", "--output-file", folder / "fmn.cdx.json",
         PROGRAMS / "python"],
        check=True, capture_output=True)
    return (folder / "fmn.cdx.json").read_text(encoding="utf-8")


@pytest.fixture
def read(bill: str) -> dict[str, Any]:
    """The bill as other tools read it."""
    return cast("dict[str, Any]", json.loads(bill))


def test_it_is_cyclonedx_to_the_letter(read: dict[str, Any]) -> None:
    # Importing it takes a second, which each process that collects tests would spend
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    # Some of its components do: the schema takes half a second for ten
    some = json.dumps({**read, "components": read["components"][:SOME]})

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(some) is None


def test_it_says_whose_it_is_and_what_that_stands_on(read: dict[str, Any]) -> None:
    fmn = read["metadata"]["component"]
    [direct] = [entry["dependsOn"] for entry in read["dependencies"] if entry["ref"] == fmn["bom-ref"]]

    assert (fmn["name"], fmn["version"]) == ("fmn", version("fmn"))
    assert fmn["licenses"][0]["license"]["id"] == "GPL-3.0-or-later"
    assert {"pyramid", "sqlalchemy", "dramatiq"} <= {ref.partition("==")[0].lower() for ref in direct}


def test_it_names_each_release_that_is_there_with_its_address_at_the_index(read: dict[str, Any]) -> None:
    purls = {canonicalize_name(component["name"]): component.get("purl")
             for component in read["components"]}

    for name in LOCK:
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue
        address = PackageURL.from_string(purls[canonicalize_name(name)])
        assert (canonicalize_name(address.name), address.version) == (name, installed)
