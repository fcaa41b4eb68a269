"""Views, one module per subject: each reads a request and returns template values."""

from __future__ import annotations

from typing import Final

from pyramid.config import Configurator

#: The modules of views, whose order means nothing.
MODULES: Final = (
    "account",
    "account_data",
    "addresses",
    "administration",
    "message_trace",
    "catalogue",
    "commands",
    "confirm",
    "filter_editor",
    "errors",
    "preferences_io",
    "atom_feed",
    "filters",
    "group_filters",
    "short_links",
    "health",
    "help",
    "home",
    "hook_administration",
    "hooks",
    "inbox",
    "inbox_snooze",
    "inbox_triage",
    "mutes",
    "pauses",
    "preferences",
    "editor_ajax",
    "saved_searches",
    "security_txt",
    "services",
    "sign_in",
    "shared_filters",
    "sign_out",
    "subjects",
    "tokens",
    "unsubscribe",
    "web_push",
    "welcome",
    "why",
    "why_not",
)


def includeme(config: Configurator) -> None:
    """Add the views of every module."""
    for name in MODULES:
        config.include(f"webapp.views.{name}")
