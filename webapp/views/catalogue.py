"""Event catalogue: search, applications and event types with examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.catalog import Description, EventType, catalog
from fmn.catalog.catalog_search import is_retired, search_catalog
from webapp.request import Request

Page = Mapping[str, object]


@dataclass(frozen=True)
class EventExample:
    """An event type with its rendered example."""

    event: EventType
    example: Description


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(
        applications, route_name="catalogue", request_method="GET", renderer="catalogue.mako",
        permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        application, route_name="catalogue_application", request_method="GET",
        renderer="catalogue_application.mako", permission=NO_PERMISSION_REQUIRED)


def applications(request: Request) -> Page:
    """All applications, or those that match a search."""
    text = " ".join(request.GET.get("q", "").split())
    found = search_catalog(catalog(), text)
    retired = [each for each in found if is_retired(each.application)]
    return {
        "text": text, "found": found, "kinds": sum(len(each.events) for each in found),
        "alive": [each for each in found if each not in retired], "retired": retired}


def application(request: Request) -> Page:
    """An application with its event types."""
    chosen = catalog().applications.get(request.matchdict["category"])
    if chosen is None:
        raise HTTPNotFound
    kinds = [EventExample(event, catalog().describe(event.example_message())) for event in chosen.event_types]
    return {"it": chosen, "retired": is_retired(chosen), "kinds": sorted(kinds, key=_retired_last)}


def _retired_last(kind: EventExample) -> bool:
    return kind.event.retired
