"""The JSON API for programs: a module per subject, with its operations and the models they speak in."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Add the views."""
    for name in ("error_views", "views"):
        config.include(f"webapp.api.{name}")
