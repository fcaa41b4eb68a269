"""Presets as they're offered to one person: with what each would have let through lately."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Final

from sqlalchemy.orm import Session

from fmn.directory.snapshot import GROUP_MARK, Directory
from fmn.filters.presets import Preset
from fmn.ledger.day_range import DayRange
from fmn.matching.match_context import MatchContext
from fmn.matching.preview import Preview, preview

#: Examples of each.
EXAMPLES: Final = 3
#: Seconds that all previews may take together. There are several on one page, and somebody waits for it.
ALL_PREVIEWS_SECONDS: Final = 1.0


@dataclass(frozen=True)
class PreviewExample:
    """A message that a preset would have let through."""

    summary: str
    sent_at: datetime


@dataclass(frozen=True)
class PresetPreview:
    """A preset, and what it would have let through to somebody, with the newest messages as examples."""

    preset: Preset
    preview: Preview
    examples: Sequence[PreviewExample]


def preview_presets(
    session: Session, presets: Sequence[Preset], nick: str, match_context: MatchContext, window: DayRange,
) -> Iterator[PresetPreview]:
    """The presets as ``nick`` would have them.

    Each may take half of the time that's left. Mostly none does, and if one does, some is left to the others.
    """
    ends_at = perf_counter() + ALL_PREVIEWS_SECONDS
    for preset in presets:
        found = preview(
            session, preset.expression, nick, match_context, window, shown=EXAMPLES,
            seconds=(ends_at - perf_counter()) / 2)
        yield PresetPreview(preset, found, [
            PreviewExample(match_context.catalog.describe(
                message, match_context.directory.account).summary, message.sent_at)
            for message in found.newest])


def maintains_packages(directory: Directory, nick: str) -> bool:
    """Whether somebody is known to maintain any package: if not, presets about packages hear nothing."""
    owners = {nick, *(f"{GROUP_MARK}{group}" for group in directory.groups_of(nick))}
    return any(
        not owners.isdisjoint(people)
        for packages in directory.committers.values() for people in packages.values())
