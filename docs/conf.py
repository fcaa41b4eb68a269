"""Sphinx's settings."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "_ext"))

project = "FMN"
extensions = ["sphinx.ext.autodoc", "catalogue"]
exclude_patterns = ["_build"]
html_theme = "furo"
autodoc_typehints = "description"
