"""Project table (PEP 621) of the installed FMN, from its metadata, for tools that read pyproject.toml.

`make dist` gives it to cyclonedx-py, which otherwise wouldn't know what the bill of materials is of.
"""

from __future__ import annotations

import sys
from importlib.metadata import metadata, requires

import tomli_w


def project_table() -> dict[str, object]:
    """Name, version, licence and dependencies, without those of extras."""
    about = metadata("fmn")
    return {
        "name": about["Name"], "version": about["Version"], "description": about["Summary"],
        "license": about["License-Expression"] or about["License"],
        "dependencies": [line for line in requires("fmn") or () if "extra ==" not in line],
    }


if __name__ == "__main__":
    sys.stdout.write(tomli_w.dumps({"project": project_table()}))
