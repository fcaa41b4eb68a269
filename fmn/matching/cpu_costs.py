"""CPU time that users' filters take in matching, and who exceeds the budget.

Only checks that users typed can take long: regular expressions, and paths through bodies. Each is made once
per message for all its users, and its time counts in full for each of them, since each alone would cause it.

CPU time of the thread is counted, so neither a busy neighbour nor a slow database counts against a user. A
garbage collection may fall into a check's time, so the most expensive message of each check and window is
left out.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from fmn.filters.conditions import CheckCondition
from fmn.matching.compiler import checks_in
from fmn.matching.index.matching_index import Index

#: Messages within which somebody may use up the budget of so many: one that takes long does no harm.
WINDOW: Final = 100


@dataclass(frozen=True)
class Overspent:
    """A user over budget: their filters took ``seconds`` of CPU time for the last ``messages``.

    The expressions are their most expensive ones; without them the user is within the budget.
    """

    user_id: int
    expression_ids: Sequence[int]
    seconds: float
    messages: int


@dataclass(slots=True)
class _Spent:
    """A check's CPU seconds in a window."""

    total: float = 0.0
    longest: float = 0.0

    @property
    def counted(self) -> float:
        return self.total - self.longest


class Spending:
    """CPU seconds of the checks in one batch, message by message. Not for several threads."""

    def __init__(self, costs: CpuCosts, index: Index) -> None:
        self._costs = costs
        self._index = index
        self._message: defaultdict[CheckCondition, float] = defaultdict(float)
        #: Messages since then of which nothing was asked that's measured, as of most.
        self._quiet = 0

    def evaluate(self, check: CheckCondition, holds: Callable[[], bool]) -> bool:
        """The answer of a check, whose time is counted."""
        begun_at = self._costs.clock()
        try:
            return holds()
        finally:
            self._message[check] += self._costs.clock() - begun_at

    def end_message(self) -> bool:
        """End a message; returns whether a user is over budget now."""
        self._quiet += 1
        if not self._message:
            return False
        taken, self._message = self._message, defaultdict(float)
        messages, self._quiet = self._quiet, 0
        return self._costs.count(taken, self._index, messages)


class CpuCosts:
    """Recent CPU seconds of all checks in this process. Threads share it.

    ``per_message`` is the budget: CPU seconds that all filters of a user may take for a message, on average.
    Users over budget go to ``settle``, and so do expressions that are too large, by id with the reason.
    """

    def __init__(
        self, per_message: float, settle: Settle, *, clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self.clock = clock
        self._allowance = per_message * WINDOW
        self._settle = settle
        self._lock = Lock()
        self._overspent: dict[int, Overspent] = {}
        self._too_large: Mapping[int, str] = {}
        self._settled: frozenset[int] = frozenset()
        self._begin_window()

    def _begin_window(self) -> None:
        self._spent: defaultdict[CheckCondition, _Spent] = defaultdict(_Spent)
        self._messages = 0
        self._counted = 0.0
        #: Together checks have to take more than that before anybody can have.
        self._alarm = self._allowance

    def spending(self, index: Index) -> Spending:
        """A counter for a batch that is matched with this index."""
        self._too_large = index.expressions.too_large
        return Spending(self, index)

    def count(self, taken: Mapping[CheckCondition, float], index: Index, messages: int = 1) -> bool:
        """Count CPU seconds of checks for the last so many messages; checks left out took none.

        Returns whether a user is over budget now.
        """
        with self._lock:
            if self._messages + messages > WINDOW:
                self._begin_window()
            self._messages += messages
            for check, seconds in taken.items():
                spent = self._spent[check]
                before = spent.counted
                spent.total += seconds
                spent.longest = max(spent.longest, seconds)
                self._counted += spent.counted - before
            if self._counted <= self._alarm:
                return False
            found = {each.user_id: each for each in self._over(index)}
            self._overspent |= found
            self._alarm = 2 * self._counted
            return bool(found)

    def _over(self, index: Index) -> Iterator[Overspent]:
        by_expression = dict(self._by_expression(index))
        for user_id, expression_ids in index.holding(frozenset(by_expression)).items():
            left = sorted(expression_ids, key=lambda each: self._sum(by_expression[each]))
            seconds = self._sum_of(left, by_expression)
            gone = []
            while left and self._sum_of(left, by_expression) > self._allowance:
                gone.append(left.pop())
            if gone:
                yield Overspent(user_id, gone, seconds, self._messages)

    def _by_expression(self, index: Index) -> Iterator[tuple[int, frozenset[CheckCondition]]]:
        """Metered expressions that took time, and their checks."""
        expressions = index.expressions
        for expression_id in expressions.with_checks(self._spent.keys()):
            yield expression_id, checks_in(expressions.clause(expression_id)).intersection(self._spent)

    def _sum_of(
        self, expression_ids: Iterable[int], checks: Mapping[int, frozenset[CheckCondition]],
    ) -> float:
        return self._sum(frozenset[CheckCondition]().union(*(checks[each] for each in expression_ids)))

    def _sum(self, checks: Iterable[CheckCondition]) -> float:
        return sum(self._spent[check].counted for check in checks)

    def settle(self) -> None:
        """Have filters that are over budget switched off, if there are any. Called between batches."""
        with self._lock:
            overspent, self._overspent = list(self._overspent.values()), {}
            too_large = {each: why for each, why in self._too_large.items() if each not in self._settled}
            if overspent:
                self._begin_window()
        if overspent or too_large:
            self._settle(overspent, too_large)
        self._settled |= too_large.keys()


Settle = Callable[[Sequence[Overspent], Mapping[int, str]], None]


def nothing_settled(_overspent: Sequence[Overspent], _too_large: Mapping[int, str]) -> None:
    """Leave what is over budget as it is."""
