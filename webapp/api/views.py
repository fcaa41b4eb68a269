"""The API's views, and what it is: a document for programs, and a page for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Final

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from webapp.api.all_operations import OPERATIONS_BY_TAG
from webapp.api.openapi import Document, openapi_document
from webapp.api.problems import KINDS
from webapp.api.reference_page import ReferenceRenderer
from webapp.api.request_parsing import JSON, LARGEST_BODY
from webapp.request import Request
from webapp.routes import API

#: What all addresses begin with.
PREFIX: Final = "/api/v1"


def includeme(config: Configurator) -> None:
    """Add the views."""
    for operations in OPERATIONS_BY_TAG.values():
        for each in operations:
            # No form's token: whoever has one of these has it on purpose, and no browser sends it by itself.
            config.add_view(
                each, route_name=each.route, request_method=each.method, permission=each.scope,
                require_csrf=False)
    config.add_view(
        page, route_name="api", request_method="GET", renderer="api.mako", permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        describe, route_name="api_document", request_method="GET", permission=NO_PERMISSION_REQUIRED)


def describe(request: Request) -> Response:
    """The document."""
    return Response(
        json.dumps(_document(request)), content_type=JSON, charset="UTF-8")


def page(request: Request) -> Mapping[str, object]:
    """The page."""
    return {
        "subjects": ReferenceRenderer(_document(request), PREFIX).subjects(), "kinds": KINDS,
        "largest": LARGEST_BODY,
        "events": f"{request.services.settings.web.base_url.rstrip('/')}{API['events']}",
        "base": f"{request.services.settings.web.base_url.rstrip('/')}{PREFIX}",
    }


def _document(request: Request) -> Document:
    return cached_document(request.services.settings.web.base_url.rstrip("/"))


@cache
def cached_document(base_url: str) -> Document:
    """The document for an installation at this address, made when somebody first asks for it."""
    return openapi_document(OPERATIONS_BY_TAG, base_url)
