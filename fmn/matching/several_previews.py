"""Previews of several filters on one page, which share the time that somebody waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Final

from sqlalchemy.orm import Session

from fmn.filters.expressions import Expression
from fmn.filters.rule_definition import RuleError
from fmn.ledger.day_range import DayRange
from fmn.matching.match_context import MatchContext
from fmn.matching.preview import Preview, preview

#: Examples of each.
EXAMPLES: Final = 3
#: Seconds that all previews may take together.
ALL_PREVIEWS_SECONDS: Final = 1.0


def preview_each(
    session: Session, expressions: Iterable[Expression], nick: str, match_context: MatchContext,
    window: DayRange,
) -> Iterator[Preview]:
    """Previews of filters for ``nick`` that share the time of :data:`ALL_PREVIEWS_SECONDS`.

    Each may take half of the remaining time: most take next to none, and after a slow one some is left. One
    that can't be evaluated matches nothing.
    """
    ends_at = perf_counter() + ALL_PREVIEWS_SECONDS
    for expression in expressions:
        try:
            yield preview(
                session, expression, nick, match_context, window, shown=EXAMPLES,
                seconds=(ends_at - perf_counter()) / 2)
        except RuleError:
            yield Preview((), (), window.begins, window.now, complete=True)
