"""Samples of messages: one of each event type, and one that is about nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Final

from fmn.catalog import Catalog, Facts, Message
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import Check, Condition, Has, Subject, keys_of
from fmn.matching.compiler import Meter, View
from fmn.matching.normal_form import Every, Literal, Normal, Some

#: Whoever wants this one wants everything.
ABOUT_NOTHING: Final = Message("sample", "org.example.prod", datetime(2026, 3, 14, tzinfo=UTC), {})


def fits_everything(part: Normal, catalog: Catalog, meter: Meter | None = None) -> bool:
    """Whether a part of an expression lets every sample through, leaving aside what it excludes.

    Raises what the ``meter`` does that watches how long that takes.
    """
    return all(_fits(part, view) for view in _views(catalog, meter))


def _views(catalog: Catalog, meter: Meter | None) -> Iterator[View]:
    for facts in _samples(catalog):
        yield View(Subject(facts), keys_of(facts, Directory()), meter)


@cache
def _samples(catalog: Catalog) -> tuple[Facts, ...]:
    examples = (event.example_message() for event in catalog.event_types())
    return tuple(map(catalog.facts, (ABOUT_NOTHING, *examples)))


def _fits(part: Normal, view: View) -> bool:
    """Whether a sample gets through to somebody with whom it has nothing to do."""
    match part:
        case Every(parts):
            return all(_fits(each, view) for each in parts)
        case Some(parts):
            return any(_fits(each, view) for each in parts)
        case Literal(condition=condition):
            return not part.wanted or _holds(condition, view)


def _holds(condition: Condition, view: View) -> bool:
    match condition:
        case Has(keys):
            return not keys.isdisjoint(view.keys)
        case Check():
            return view.ask(condition) is True
