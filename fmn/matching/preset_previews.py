"""Previews of the presets for one user: recent messages that each would have matched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Final

from sqlalchemy.orm import Session

from fmn.directory.snapshot import GROUP_MARK, Directory
from fmn.filters.expressions import Expression
from fmn.filters.presets import Preset
from fmn.filters.rule_definition import RuleError
from fmn.ledger.day_range import DayRange
from fmn.matching.match_context import MatchContext
from fmn.matching.preview import Preview, preview

#: Examples of each.
EXAMPLES: Final = 3
#: Seconds that all previews may take together. There are several on one page, and somebody waits for it.
ALL_PREVIEWS_SECONDS: Final = 1.0


@dataclass(frozen=True)
class PreviewExample:
    """A message that a preset would have matched."""

    summary: str
    sent_at: datetime


@dataclass(frozen=True)
class PresetPreview:
    """A preset, the number of messages it would have matched, and the newest ones as examples."""

    preset: Preset
    preview: Preview
    examples: Sequence[PreviewExample]


def preview_presets(
    session: Session, presets: Sequence[Preset], nick: str, match_context: MatchContext, window: DayRange,
) -> Iterator[PresetPreview]:
    """The presets with their previews for ``nick``.

    Each preset may take half of the remaining time. Most take next to none, and after a slow one some is
    left.
    """
    previews = preview_each(session, [each.expression for each in presets], nick, match_context, window)
    for preset, found in zip(presets, previews, strict=True):
        yield PresetPreview(preset, found, [
            PreviewExample(match_context.catalog.describe(
                message, match_context.directory.account).summary, message.sent_at)
            for message in found.newest])


def preview_each(
    session: Session, expressions: Iterable[Expression], nick: str, match_context: MatchContext,
    window: DayRange,
) -> Iterator[Preview]:
    """Previews of filters for ``nick`` that share the time of :data:`ALL_PREVIEWS_SECONDS`.

    Each may take half of the remaining time. One that can't be evaluated matches nothing.
    """
    ends_at = perf_counter() + ALL_PREVIEWS_SECONDS
    for expression in expressions:
        try:
            yield preview(
                session, expression, nick, match_context, window, shown=EXAMPLES,
                seconds=(ends_at - perf_counter()) / 2)
        except RuleError:
            yield Preview((), (), window.begins, window.now, complete=True)


def maintains_packages(directory: Directory, nick: str) -> bool:
    """Whether a user maintains any package; if not, presets about packages match nothing."""
    owners = {nick, *(f"{GROUP_MARK}{group}" for group in directory.groups_of(nick))}
    return any(
        not owners.isdisjoint(people)
        for packages in directory.committers.values() for people in packages.values())
