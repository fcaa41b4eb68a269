"""Views: each reads a request, asks a room below, and gives a template values. One module per subject."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Add the views of every module."""
    for name in ("administration", "home", "sign_in", "why", "unsubscribe", "health", "errors"):
        config.include(f"webapp.views.{name}")
