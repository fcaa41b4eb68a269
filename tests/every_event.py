"""Tests of every event type of the catalogue, as one case per application."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps

import pytest

from fmn.catalog import Application, catalog
from tests.cases import case

#: Runs a test with the argument ``application`` for each application.
every_application = pytest.mark.parametrize(
    "application", list(catalog().applications.values()), ids=lambda application: application.category)


def every_event(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test with the argument ``event`` for each event type.

    A case per application: with one per event type, thousands of them, pytest would take longer to hand
    them around than to run them.
    """
    signature = inspect.signature(test)

    @every_application
    @wraps(test)
    def for_each_event(application: Application, **arguments: object) -> None:
        for event in application.event_types:
            with case(event.name):
                test(event=event, **arguments)

    parameters = [
        parameter.replace(name="application") if parameter.name == "event" else parameter
        for parameter in signature.parameters.values()]
    for_each_event.__signature__ = signature.replace(parameters=parameters)
    decorated: Callable[..., None] = for_each_event
    return decorated
