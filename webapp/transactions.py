"""One transaction per request: ``request.tm``, which ``request.db`` joins when a view first asks for it."""

from __future__ import annotations

import pyramid_tm
from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Have a transaction manager made for each request, that no thread shares. Refusals change nothing."""
    config.add_settings({
        "tm.manager_hook": pyramid_tm.explicit_manager, "tm.commit_veto": pyramid_tm.default_commit_veto,
        # It would ask the database who asks, where no page says it if that fails.
        "tm.annotate_user": False})
    config.include("pyramid_tm")
