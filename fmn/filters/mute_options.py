"""Mute options: what of a message its recipient can mute, the event type, packages or thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fmn.catalog import Facts, catalog
from fmn.catalog.events import EventType
from fmn.catalog.registry import UNKNOWN
from fmn.catalog.threads import thread_of
from fmn.filters.models import MuteKind
from fmn.filters.mutes import MAX_VALUE_LENGTH
from fmn.text import one_line
from fmn.translations import gettext

#: A message about more packages is about none of them in particular: a mass rebuild has thousands.
MAX_PACKAGES: Final = 10


@dataclass(frozen=True)
class MuteOption:
    """Something that can be muted, with its label. All packages of a message are several ``values``."""

    kind: MuteKind
    values: Sequence[str]
    words: str


def mute_options(facts: Facts) -> Sequence[MuteOption]:
    """The options that a message offers."""
    return [
        offer for offer in _offers(facts) if all(len(value) <= MAX_VALUE_LENGTH for value in offer.values)]


def _offers(facts: Facts) -> Iterator[MuteOption]:
    yield _one(MuteKind.EVENT, facts.event.name)
    packages = sorted(map(str, facts.packages))
    if len(packages) <= MAX_PACKAGES:
        yield from (_one(MuteKind.PACKAGE, package) for package in packages)
        if len(packages) > 1:
            yield MuteOption(
                MuteKind.PACKAGE, packages, gettext("all {number} packages").format(number=len(packages)))
    if thread := thread_of(facts):
        yield _one(MuteKind.THREAD, thread)


def _one(kind: MuteKind, value: str) -> MuteOption:
    return MuteOption(kind, [value], describe_mute(kind, value))


def describe_mute(kind: str, value: str) -> str:
    """Describe what is muted, as a part of a sentence."""
    if kind == MuteKind.EVENT:
        return _event_in_words(value)
    if kind == MuteKind.PACKAGE:
        return gettext("the package {name}").format(name=one_line(value))
    return gettext("the thread {address}").format(address=one_line(value.partition("://")[2] or value))


def _event_in_words(name: str) -> str:
    event = catalog().events_by_name.get(name)
    if event is not None:
        return gettext("“{event}” from {application}").format(
            event=event.title, application=event.application.title)
    other = catalog().fallbacks_by_name.get(name)
    if other is None:
        return gettext("“{name}”").format(name=one_line(name))
    return _fallback_in_words(other).format(application=other.application.title, severity=other.severity)


def _fallback_in_words(other: EventType) -> str:
    whole = other is other.application.fallback
    if other.application is UNKNOWN:
        return gettext("messages of applications that the catalogue doesn’t know") if whole else gettext(
            "messages of severity {severity} of applications that the catalogue doesn’t know")
    return gettext("all other messages from {application}") if whole else gettext(
        "all other messages of severity {severity} from {application}")
