"""Packages of others, installed beside FMN."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def install(package: Path, folder: Path) -> Path:
    """Install a package, by pip without a network; returns the folder within ``folder`` that it's in."""
    # pip builds where the source is, which isn't ours to write to.
    source = shutil.copytree(package, folder / "source")
    installed = folder / "installed"
    subprocess.run([
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index",
        "--no-deps", "--no-build-isolation", "--target", installed, source,
    ], check=True)
    return installed
