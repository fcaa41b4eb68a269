"""One transaction per request: ``request.tm``, joined by ``request.db`` on first use."""

from __future__ import annotations

import pyramid_tm
from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Create a transaction manager for each request, shared by no other thread. Error responses roll back."""
    config.add_settings({
        "tm.manager_hook": pyramid_tm.explicit_manager, "tm.commit_veto": pyramid_tm.default_commit_veto,
        # It would ask the database who asks, where no page says it if that fails.
        "tm.annotate_user": False})
    config.include("pyramid_tm")
