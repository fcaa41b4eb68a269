"""Simulated processes: threads of which one runs at a time, and that stop, wait or die at numbered steps."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock, Thread
from typing import Final, TypeVar

T = TypeVar("T")

#: How likely another process goes on at a step.
SWITCHING: Final = 0.2


class Kind(StrEnum):
    """What a step does."""

    COMMIT = "commit"
    SPOOL = "spool commit"
    PUBLISH = "publish"
    ACK = "ack"
    SEND = "send"
    CLOCK = "clock reading"


class ProcessDied(BaseException):
    """The process was killed. Nothing of the product handles it, and each later step raises it again."""


class StuckError(Exception):
    """Processes wait for each other, or never come to an end."""


@dataclass(frozen=True)
class Point:
    """A place where a process can be stopped: before or after a step."""

    number: int
    process: str
    kind: Kind
    before: bool

    def __str__(self) -> str:
        return f"point {self.number}, {'before' if self.before else 'after'} a {self.kind} of {self.process}"


class Process:
    """One simulated process, from its start to its death. It does what ``next_activity`` gives it.

    This one is alone, and lives in the thread of the run.
    """

    def __init__(
        self, machine: Machine, name: str, next_activity: Callable[[Process], Callable[[], object] | None],
    ) -> None:
        self.name = name
        self.killed = self.over = self.idle = False
        #: From when on it goes on, in seconds of the virtual clock.
        self.paused_until = 0.0
        #: It goes on as soon as this holds.
        self.waits_for: Callable[[], bool] | None = None
        self._machine = machine
        self._next_activity = next_activity

    def go_on(self) -> None:
        """Go on until it gives the turn back, has nothing to do, or is over."""
        self._live()

    def give_turn_back(self) -> None:
        """Let others go on; returns when it's this one's turn again. Raises :class:`ProcessDied`."""
        raise StuckError(f"there's nobody but {self.name} to go on")

    def join(self) -> None:
        """Wait for the end of whatever it lived in."""

    def _live(self) -> None:
        self.idle = False
        try:
            while not self.killed and (activity := self._next_activity(self)) is not None:
                activity()
        except ProcessDied:
            pass
        self.over, self.idle = self.killed, True


class ThreadedProcess(Process):
    """One of several, which lives in a thread. Only whose turn it is goes on."""

    def __init__(
        self, machine: Machine, name: str, next_activity: Callable[[Process], Callable[[], object] | None],
    ) -> None:
        super().__init__(machine, name, next_activity)
        self._go = _closed()
        self._thread = Thread(target=self._until_death, name=name, daemon=True)
        self._thread.start()

    def go_on(self) -> None:
        self._go.release()
        self._machine.turn_is_over.acquire()

    def give_turn_back(self) -> None:
        self._machine.turn_is_over.release()
        self._go.acquire()
        if self.killed:
            raise ProcessDied

    def join(self) -> None:
        self._thread.join()

    def _until_death(self) -> None:
        self._go.acquire()
        try:
            while not self.over:
                self._live()
                if not self.over:
                    self.give_turn_back()
        except ProcessDied:
            pass
        except BaseException as error:  # noqa: BLE001 - raised by the run
            self._machine.error = error
        finally:
            self.over = True
            self._machine.turn_is_over.release()


def _closed() -> Lock:
    """A lock that somebody else opens."""
    lock = Lock()
    lock.acquire()
    return lock


class Machine:
    """What the processes run on: it counts their steps, and says who goes on."""

    def __init__(self, chance: random.Random, crashes: Sequence[int], now: Callable[[], float]) -> None:
        self.running: Process | None = None
        self.turn_is_over = _closed()
        self.error: BaseException | None = None
        self.steps: Counter[Kind] = Counter()
        #: How often something changed that outlives a process. Points with the same number are equivalent.
        self.changes = 0
        self.points: list[tuple[Point, int]] = []
        #: Called with the running process before it goes on from a point; may pause or kill it.
        self.at_point: Callable[[Process, Point], None] = lambda _process, _point: None
        self.switches = False
        self._chance = chance
        self._crashes = frozenset(crashes)
        self._now = now

    def step(self, kind: Kind, do: Callable[[], T]) -> T:
        """Take a step that outlives the process."""
        self.point(kind, before=True)
        try:
            return do()
        finally:
            if self.running is not None and not self.running.killed:
                self.changes += 1
            self.point(kind, before=False)

    def point(self, kind: Kind, *, before: bool) -> None:
        """Be at a point. Raises :class:`ProcessDied`."""
        process = self.running
        if process is None:
            return
        if process.killed:
            raise ProcessDied
        self.steps[kind] += before
        point = Point(len(self.points), process.name, kind, before)
        self.points.append((point, self.changes))
        if point.number in self._crashes:
            process.killed = True
            raise ProcessDied
        self.at_point(process, point)
        if process.killed:
            raise ProcessDied
        if self.switches and (process.paused_until > self._now() or self._chance.random() < SWITCHING):
            process.give_turn_back()

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Let others go on until this holds, as who waits for a lock does."""
        process = self.running
        if process is None:
            if not holds():
                raise StuckError("the run itself waits for a process")
            return
        while not holds():
            if process.killed:
                raise ProcessDied
            process.waits_for = holds
            process.give_turn_back()
            process.waits_for = None

    def give_turn(self, processes: Sequence[Process], has_work: Callable[[Process], bool]) -> Process | None:
        """Let one of those that can go on do so for a while; returns which, ``None`` if nobody can."""
        ready = [
            each for each in processes
            if not each.over and each.paused_until <= self._now()
            and (each.waits_for is None or each.waits_for()) and (not each.idle or has_work(each))]
        if not ready:
            return None
        chosen = ready[0] if len(ready) == 1 else self._chance.choice(ready)
        self._run(chosen)
        return chosen

    def kill(self, process: Process) -> None:
        """End a process at the point where it is."""
        process.killed = True
        while not process.over:
            self._run(process)

    def _run(self, process: Process) -> None:
        self.running = process
        process.go_on()
        self.running = None
        if self.error is not None:
            raise self.error
