"""Sphinx's settings."""

from __future__ import annotations

project = "FMN"
extensions = ["sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
html_theme = "furo"
autodoc_typehints = "description"
