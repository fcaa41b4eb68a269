"""Health checks: liveness and readiness."""

from __future__ import annotations

import structlog
from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy.exc import SQLAlchemyError

from fmn.infra import migrations
from fmn.infra.db import Database
from webapp.request import Request

log = structlog.get_logger()


def includeme(config: Configurator) -> None:
    """Add the views."""
    for route in ("livez", "healthz"):
        config.add_view(
            live, route_name=route, request_method="GET", http_cache=0, permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        ready, route_name="readyz", request_method="GET", http_cache=0,
        permission=NO_PERMISSION_REQUIRED)


def live(_request: Request) -> Response:
    """Liveness: the process answers."""
    return Response("alive\n", content_type="text/plain")


def ready(request: Request) -> Response:
    """Readiness: 200, or 503 with the reason."""
    problem = _problem(request.services.database)
    return Response(f"{problem or 'ready'}\n", status=503 if problem else 200, content_type="text/plain")


def _problem(database: Database) -> str:
    try:
        current = migrations.is_usable(database.engine)
    except SQLAlchemyError:
        log.exception("database can't be asked")
        return "the database doesn't answer"
    return "" if current else "the database's tables aren't those of this version: run fmn db upgrade"
