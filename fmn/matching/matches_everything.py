"""Sample messages: one of each event type, and one without content."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from fmn.catalog import Catalog, Facts, Message
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import (
    CheckCondition,
    CheckedMessage,
    Condition,
    Key,
    KeyCondition,
    KeyKind,
    keys_of,
)
from fmn.matching.compiler import MessageEvaluation, Meter
from fmn.matching.index.atom_scan import AtomScanner
from fmn.matching.normal_form import Conjunction, Disjunction, Literal, NormalForm

#: Whoever wants this one wants everything.
ABOUT_NOTHING: Final = Message("sample", "org.example.prod", datetime(2026, 3, 14, tzinfo=UTC), {})


def matches_every_sample(part: NormalForm, catalog: Catalog, meter: Meter | None = None) -> bool:
    """Whether a part of an expression matches every sample, leaving aside what it excludes.

    Raises what the ``meter`` raises.
    """
    return all(_fits(part, view) for view in _views(catalog, meter))


def share_of_samples(keys: Collection[Key], catalog: Catalog) -> float:
    """The share of samples whose topics have one of these keys; the names in their texts are made up."""
    scanner = AtomScanner().with_more(key for key in keys if key[0] is KeyKind.TOPIC_ATOMS)
    samples = _samples(catalog)
    return sum(any(scanner.keys_in(CheckedMessage(facts).searched)) for facts in samples) / len(samples)


def _views(catalog: Catalog, meter: Meter | None) -> Iterator[MessageEvaluation]:
    for facts in _samples(catalog):
        yield MessageEvaluation(CheckedMessage(facts), keys_of(facts, Directory()), meter)


@lru_cache(maxsize=2)
def _samples(catalog: Catalog) -> tuple[Facts, ...]:
    examples = (event.example_message() for event in catalog.event_types())
    return tuple(map(catalog.facts, (ABOUT_NOTHING, *examples)))


def _fits(part: NormalForm, view: MessageEvaluation) -> bool:
    """Whether a sample matches for a user unrelated to it."""
    match part:
        case Conjunction(parts):
            return all(_fits(each, view) for each in parts)
        case Disjunction(parts):
            return any(_fits(each, view) for each in parts)
        case Literal(condition=condition):
            return not part.wanted or _holds(condition, view)


def _holds(condition: Condition, view: MessageEvaluation) -> bool:
    match condition:
        case KeyCondition(keys):
            return not keys.isdisjoint(view.keys)
        case CheckCondition():
            return view.evaluate(condition) is True
