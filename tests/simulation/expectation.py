"""What has to come of a run, worked out from who wants what without FMN, and what is wrong with what came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from tests.simulation.external_services import Sent
from tests.simulation.workloads import (
    BEGIN,
    COUNT,
    DIGEST_TIME,
    HOLD,
    LATEST,
    PER_EVENT,
    QUIET_FROM,
    QUIET_UNTIL,
    SECONDS,
    WISHES,
    Event,
    Phase,
    Wish,
)

Look = Callable[..., Sequence[Any]]


class Duty(Enum):
    """Whether something has to be sent to an address."""

    MUST = auto()
    #: Its owner changed their mind in that moment.
    MAY = auto()
    NEVER = auto()


class ExpectedNotification(NamedTuple):
    """An address is told of a message."""

    address: str
    token: str


#: Of the ledger in the end: what mustn't be there, in SQL, and what that means.
_LEFT: Final = (
    ("SELECT msg_id FROM messages WHERE matched_at IS NULL", "never matched"),
    ("SELECT key FROM deliveries WHERE state = 'waiting'", "still waits"),
    ("SELECT key FROM deliveries WHERE state != 'waiting' AND coalesce(claimed_by, claimed_until) NOT NULL",
     "is over and still claimed"),
    ("SELECT key FROM deliveries WHERE state IN ('failed', 'dropped') AND reason = ''", "has no reason"),
    ("SELECT id FROM notifications WHERE batched AND digest_id IS NULL", "waits for a digest"),
)


class Expectation:
    """What has to be sent of what happens in these phases."""

    def __init__(self, phases: Sequence[Phase]) -> None:
        self._phases = phases
        self._at = {event.name: BEGIN + phase.at for phase in phases for event in phase.events}
        self._failed = {event.name for phase in phases for event in phase.events if event.failed}
        self._packages = {event.package for phase in phases for event in phase.events}
        self.duties: Mapping[ExpectedNotification, Duty] = dict(self._duties())

    def _duties(self) -> Iterator[tuple[ExpectedNotification, Duty]]:
        for wish in WISHES:
            changed = False
            for phase in self._phases:
                changing = any(change.nick == wish.nick for change in phase.changes)
                for event in phase.events:
                    duty = self._duty(wish, event, phase, changed=changed, changing=changing)
                    yield from (
                        (ExpectedNotification(address, event.name), duty) for address in wish.addresses)
                changed = changed or changing

    def _duty(self, wish: Wish, event: Event, phase: Phase, *, changed: bool, changing: bool) -> Duty:
        before = event.package in wish.packages
        after = before if wish.afterwards is None else event.package in wish.afterwards
        if changing and before is not after:
            return Duty.MAY
        if not (after if changed else before) or wish.nick == "gone":
            return Duty.NEVER
        if wish.nick == "once":
            return Duty.MAY
        if wish.nick == "patient" and self._is_silent(event, phase):
            return Duty.NEVER
        return Duty.MUST

    def _is_silent(self, event: Event, phase: Phase) -> bool:
        """Whether something failed and was well within the time that it's given, or is what was well."""
        others = [
            (other, each) for other in self._phases for each in other.events if each.package == event.package]
        if event.failed:
            return any(not each.failed and phase.at < other.at <= phase.at + HOLD for other, each in others)
        before = [other for other, each in others if other.at < phase.at and each.failed]
        return bool(before) and phase.at - before[-1].at <= HOLD

    def faults_of(self, sent: Sequence[Sent], doubts: Mapping[str, int]) -> Iterator[str]:
        """What is wrong with what was sent; ``doubts`` says by key how often it may have been, or not."""
        for key, copies in _by_key(sent).items():
            if len(copies) > 1 + doubts.get(key, 0):
                yield f"{key} was sent {len(copies)} times, and was in doubt {doubts.get(key, 0)} times"
            if len({(each.destination, each.tokens) for each in copies}) > 1:
                yield f"{key} stands for different things: {[each.tokens for each in copies]}"
        yield from self._missing_or_too_much(sent)
        for each in sent:
            yield from (
                f"{each.destination} was sent {each.tokens} {fault}" for fault in self._untimely(each))
        if "nano" in self._packages and len(fired := _keys_of(sent, "once")) != 1:
            yield f"the filter that fires once let through {sorted(fired)}"
        singles = [key for key in _keys_of(sent, "throttled") if key.startswith("single:")]
        if len(singles) > PER_EVENT:
            yield f"of one kind came singly {sorted(singles)}"

    def _missing_or_too_much(self, sent: Sequence[Sent]) -> Iterator[str]:
        keys: defaultdict[ExpectedNotification, set[str]] = defaultdict(set)
        for each in sent:
            for token in each.tokens:
                keys[ExpectedNotification(each.destination, token)].add(each.key)
        for told in sorted(self.duties.keys() | keys.keys()):
            duty, count = self.duties.get(told, Duty.NEVER), len(keys[told])
            if count == 0 and duty is Duty.MUST:
                yield f"{told.address} was never told of {told.token}"
            if count > (0 if duty is Duty.NEVER else 1):
                yield f"{told.address} was told of {told.token} in {sorted(keys[told])}: {duty.name.lower()}"

    def _untimely(self, sent: Sent) -> Iterator[str]:
        at, who = datetime.fromtimestamp(sent.at, UTC), sent.destination.partition("@")[0]
        passed = (at - min(self._at[token] for token in sent.tokens)).total_seconds()
        if who == "quiet" and (at.time() >= QUIET_FROM or at.time() < QUIET_UNTIL):
            yield f"at {at:%H:%M}, in quiet hours"
        if who == "clocked" and (at.date() == BEGIN.date() or at.time() < DIGEST_TIME):
            yield f"at {at:%d %H:%M}, before the digest is due"
        if who == "timed" and passed < SECONDS:
            yield f"after {passed} s"
        if who == "counted" and len(sent.tokens) < COUNT and passed < LATEST.total_seconds():
            yield f"with fewer than {COUNT} messages"
        if who == "patient" and self._failed.intersection(sent.tokens) and passed < HOLD.total_seconds():
            yield f"after {passed} s, within which it might have recovered"

    def left_in(self, look: Look) -> Iterator[str]:
        """What is wrong with the ledger when all is done."""
        for query, fault in _LEFT:
            yield from (f"{row[0]} {fault}" for row in look(query))
        if "nano" in self._packages and look("SELECT 1 FROM filters WHERE oneshot AND enabled"):
            yield "the filter that fires once is still on"
        stored = Counter(row[0] for row in look("SELECT msg_id FROM messages"))
        yield from (f"{name} is in the ledger {stored[name]} times" for name in self._at if stored[name] != 1)


def _by_key(sent: Iterable[Sent]) -> Mapping[str, list[Sent]]:
    found: defaultdict[str, list[Sent]] = defaultdict(list)
    for each in sent:
        found[each.key].append(each)
    return found


def _keys_of(sent: Iterable[Sent], who: str) -> set[str]:
    return {each.key for each in sent if each.destination.startswith(f"{who}@")}
