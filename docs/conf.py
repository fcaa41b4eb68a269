"""Sphinx's settings."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

# It says which plugins it has when the API reference imports it.
logging.getLogger("alembic").setLevel(logging.WARNING)
sys.path.append(str(Path(__file__).parent / "_ext"))

project = "FMN"
extensions = [
    "sphinx.ext.autodoc", "api_reference", "catalogue", "command_reference", "pictures", "redirects",
    "settings_reference"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_show_copyright = False
html_static_path = ["_static"]
autodoc_typehints = "description"
#: Pages by the names they had until FMN 1.0, with those they have now; see _ext/redirects.py.
moved_pages = {
    "architecture": "explanation/architecture",
    "benchmarks": "explanation/benchmarks",
    "bounces": "how-to/bounces",
    "care": "how-to/maintenance",
    "catalogue": "reference/events",
    "catch-up": "how-to/backfill",
    "chats": "how-to/chat",
    "extending/application": "how-to/add-an-application",
    "extending/channels": "how-to/add-a-channel",
    "faults": "explanation/faults",
    "install": "how-to/install",
    "irc": "how-to/irc",
    "live-feed": "how-to/live-feed",
    "mail": "how-to/mail",
    "observing": "how-to/monitoring",
    "promises": "explanation/promises",
    "rotation": "how-to/rotate-secrets",
    "scaling": "explanation/scaling",
    "security": "explanation/security",
    "signing-in": "how-to/sign-in",
    "upgrade": "how-to/upgrade",
    "using": "how-to/get-notifications",
    "webhooks": "reference/webhooks",
}
