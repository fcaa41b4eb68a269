"""A run: who does what when, where processes die, and what came of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from fmn.delivery.contract import Channel
from fmn.sources.spool.backlog import SPOOL_FILE
from fmn.wiring import Services
from tests.simulation.broker import Rabbit, Task, Worker, ids_in
from tests.simulation.environment import Site
from tests.simulation.expectation import Expectation, Look
from tests.simulation.external_services import Bus, OneByOne, Receivers, SeveralAtOnce
from tests.simulation.process_state import Activity, Life, begin_life
from tests.simulation.virtual_processes import Kind, Machine, Point, Process, StuckError, ThreadedProcess
from tests.simulation.workloads import BEGIN, PACKAGES, Change, Phase, phases_about

#: What waits for a digest.
_BATCHED: Final = "SELECT id FROM notifications WHERE batched AND digest_id IS NULL LIMIT 1"
#: Seconds between two ticks at least: each job's period has begun anew then.
TICK: Final = 31.0
#: What is due within that time is done before what happens next; in the end, all that waits.
SOON, EVER = timedelta(minutes=5), timedelta(days=30)
#: Seconds until another process is there after one died.
RESTART: Final = 2.0
#: Ticks within which everything due has to be done, and turns of processes between two ticks.
MAX_TICKS, MAX_TURNS = 60, 20_000
#: How likely a publish or an ack goes wrong, and how likely a process pauses at a point, in a rough run.
FAILING, PAUSING = 0.05, 0.004
#: How likely the database can't be reached when messages are to be stored, in a rough run.
AWAY: Final = 0.2
#: How likely one of several schedulers leads at a tick. Otherwise all of them believe that they do.
LEADING: Final = 0.75
#: For how many seconds processes pause: a moment, too long for RabbitMQ, longer than a claim lasts.
PAUSES, MAX_PAUSES = (5.0, 60.0, 200.0), 3
#: Seconds after which RabbitMQ gives up on a process that doesn't answer.
HEARTBEATS: Final = 45.0


@dataclass(frozen=True)
class Plan:
    """What happens in a run. The same plan makes the same run.

    ``crashes`` are numbers of points. A run that is ``rough`` has whatever else its seed brings: pauses,
    publishes and acks that get lost, a database that is away. If it ``forgets``, tasks are gone with the
    process that dies.
    """

    seed: int = 0
    processes: int = 1
    crashes: Sequence[int] = ()
    packages: Sequence[str] = PACKAGES
    rough: bool = False
    forgets: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a run: what is wrong, how many steps it had of each kind, and its points."""

    plan: Plan
    faults: Sequence[str]
    steps: Counter[Kind]
    points: Sequence[tuple[Point, int]]
    deaths: Sequence[Point]
    doubled: int


class Run:
    """One run of a plan."""

    def __init__(self, site: Site, plan: Plan) -> None:
        self._site, self.plan, self._clock = site, plan, site.clock
        self._chance = random.Random(plan.seed)
        self._phases, self._phase = phases_about(plan.packages), 0
        self.machine = Machine(self._chance, plan.crashes, lambda: site.clock.seconds)
        self.machine.switches = plan.processes > 1
        self._rabbit = Rabbit(self.machine, lambda: site.clock.seconds)
        self._receivers = Receivers(self.machine, lambda: site.clock.seconds)
        self._bus = Bus(self.machine)
        self._processes: list[Process] = []
        self._lives: dict[Process, Life] = {}
        self._changes: list[Change] = []
        self._changing: dict[Process, Change] = {}
        self._away = 0
        self._pauses = MAX_PAUSES
        self._doubts: Counter[str] = Counter()
        self._faults: list[str] = []
        self._deaths: list[Point] = []
        self._look: Look = site.storage.look

    @property
    def state(self) -> object:
        """Stands for all that outlives the processes: it's another one as soon as that changes."""
        return self.machine.changes, self._clock.seconds, self._away

    def go(self) -> Outcome:
        """Do it, from the beginning until nothing is left to be done."""
        site = self._site
        random.seed(self.plan.seed)  # what retries wait is by chance
        site.reset()
        site.storage.machine = self.machine
        site.storage.is_away = self._is_away
        site.clock.on_reading = self._read_clock
        site.publish = lambda message, delay: self.machine.step(
            Kind.PUBLISH, partial(self._rabbit.publish, message, delay))
        site.services = self._services
        self._rabbit.on_ack = self._check_ack
        if self.plan.rough:
            self._rabbit.fails = self._fails
            self.machine.at_point = self._maybe_pause
        self._live()
        return self._outcome()

    def shorten(self) -> None:
        """Leave out the messages and changes that come after the next phase."""
        soon, later = self._phases[:self._phase + 2], self._phases[self._phase + 2:]
        self._phases = [*soon, *(each for each in later if not each.events and not each.changes)]

    def _live(self) -> None:
        try:
            for name in self._names():
                self._start(name)
            while self._phase < len(self._phases):
                self._go_through(self._phases[self._phase])
                self._phase += 1
            self._finish()
        except StuckError as error:
            self._faults.append(str(error))
        finally:
            for process in self._processes:
                if not process.over:
                    self.machine.kill(process)
                self._bury(process)

    def _names(self) -> Sequence[str]:
        return list(self._site.databases)[:self.plan.processes]

    # --- What happens

    def _go_through(self, phase: Phase) -> None:
        now = self._clock
        now.seconds = max(now.seconds, (BEGIN + phase.at).timestamp())
        self._bus.waiting += [(event.name, event.frames(now.now(UTC))) for event in phase.events]
        self._changes += phase.changes
        self._away = phase.database_away
        self._until_idle()
        self._until_nothing_is_due()

    def _until_nothing_is_due(self) -> None:
        self._tick(SOON)
        for _ in range(MAX_TICKS):
            if not self._due(self._clock.now(UTC) + SOON):
                return
            self._tick(SOON)
        raise StuckError(f"still due after {MAX_TICKS} ticks: {self._due(self._clock.now(UTC) + SOON)}")

    def _finish(self) -> None:
        for _ in range(MAX_TICKS):
            due, batched = self._due(self._clock.now(UTC) + EVER), self._look(_BATCHED)
            if not due and not batched and not self._rabbit.tasks:
                return
            if not due:
                self._clock.turn(timedelta(hours=1))
            self._tick(EVER)
        raise StuckError(f"not at rest after {MAX_TICKS} ticks")

    def _due(self, until: datetime) -> Sequence[Any]:
        """What waits and can be done until then, with when."""
        text = until.replace(tzinfo=None).isoformat(" ")
        return [
            *self._look("SELECT hinted_at FROM messages WHERE matched_at IS NULL"),  # kept: column
            *self._look(
                "SELECT max(next_attempt_at, coalesce(claimed_until, ''),"
                " coalesce(hinted_at, ''))"  # kept: column
                " FROM deliveries WHERE state = 'waiting' AND next_attempt_at <= ?", text)]

    def _tick(self, within: timedelta) -> None:
        """Let time pass until something can be done again within that time, and the scheduler's jobs run."""
        moments = [
            datetime.fromisoformat(row[0]).replace(tzinfo=UTC).timestamp() + 0.001
            for row in self._due(self._clock.now(UTC) + within) if row[0]]
        self._clock.seconds = max(self._clock.seconds + TICK, min(moments, default=0.0))
        self._set_off()
        self._until_idle()

    def _set_off(self) -> None:
        """Have jobs start that have something to do. The others take time, and nothing comes of them."""
        jobs = [
            *(["sweep"] if self._due(self._clock.now(UTC)) else ()),
            *(["digests"] if self._look(_BATCHED) else ())]
        able = [each for each in self._processes if each.paused_until <= self._clock.seconds]
        if len(able) > 1 and self._chance.random() < LEADING:
            able = [self._chance.choice(able)]
        for process in able:
            self._lives[process].jobs[:] = jobs

    def _until_idle(self) -> None:
        for _ in range(MAX_TURNS):
            process = self.machine.give_turn(self._processes, lambda each: bool(self._activities(each)))
            if process is None:
                if not self._wake_next():
                    return
            elif process.over:
                self._replace(process)
        raise StuckError("the processes never come to rest")

    def _wake_next(self) -> bool:
        """Let time pass until a process goes on that is paused; false if none is."""
        paused = [each.paused_until for each in self._processes if each.paused_until > self._clock.seconds]
        if not paused:
            if blocked := [each.name for each in self._processes if each.waits_for is not None]:
                raise StuckError(f"{blocked} wait for each other")
            return False
        self._clock.seconds = min(paused)
        self._set_off()
        return True

    # --- Processes

    def _start(self, name: str) -> None:
        site, machine = self._site, self.machine
        kind = Process if self.plan.processes == 1 else ThreadedProcess
        process = kind(machine, name, self._next_activity)
        channels: dict[str, Channel] = {
            "email": SeveralAtOnce("email", self._receivers), "webhook": OneByOne("webhook", self._receivers)}
        life = begin_life(site, name, channels, Worker(site.actors.broker, self._rabbit, machine, process))
        if self.plan.forgets:
            life.begins.append(site.actors.requeue_unmatched)
        self._lives[process] = life
        self._processes.append(process)

    def _replace(self, process: Process) -> None:
        """Somebody died: another one takes its place."""
        self._deaths.append(self.machine.points[-1][0])
        if self.plan.forgets:
            self._rabbit.wipe()
        self._bury(process)
        self._clock.turn(RESTART)
        self._start(process.name)
        self._lives[self._processes[-1]].jobs[:] = []

    def _bury(self, process: Process) -> None:
        process.join()
        life = self._lives.pop(process)
        if "backend" in vars(life.services):
            life.services.backend.close()
        self._site.storage.end(process)
        life.services.database.close()
        self._note_doubts(process)
        self._rabbit.lost(process)
        self._bus.lost(process, self._is_kept)
        if (change := self._changing.pop(process, None)) is not None:
            self._changes.insert(0, change)
        self._processes.remove(process)

    def _note_doubts(self, process: Process) -> None:
        """What a process has sent and not recorded may be sent again. That's no more than is in hand."""
        keys = {each.key for each in self._receivers.sent if each.sender is process}
        doubtful = [key for key in keys if self._look(
            "SELECT 1 FROM deliveries WHERE key = ? AND state = 'waiting'", key)]
        self._doubts.update(doubtful)
        if len(doubtful) > SeveralAtOnce.batch_size:
            self._faults.append(f"{len(doubtful)} are in doubt at once: {sorted(doubtful)}")

    def _is_kept(self, name: str) -> bool:
        query = "SELECT 1 FROM messages WHERE msg_id = ?"
        return bool(self._look(query, name) or self._look(query, name, file=SPOOL_FILE))

    # --- What processes do

    def _next_activity(self, process: Process) -> Activity | None:
        activities = self._activities(process)
        if not activities:
            return None
        return activities[0] if self.plan.processes == 1 else self._chance.choice(activities)

    def _activities(self, process: Process) -> Sequence[Activity]:
        """What a process could do now, in the order of who has no choice."""
        life = self._lives[process]
        if life.begins:
            return [life.begins.pop]
        found: list[Activity] = []
        if self._bus.waiting:
            found.append(partial(self._take, process))
        elif not life.backlog.empty:
            found.append(partial(self._drain, process))
        if self._changes:
            found.append(partial(self._change, process))
        found += [partial(life.worker.process, task) for task in self._rabbit.waiting_for(process)]
        if life.jobs:
            found.append(partial(self._fire, process))
        return found

    def _take(self, process: Process) -> None:
        size = self._site.settings.bus.batch_messages
        self._lives[process].take(self._bus.take(process, size))
        self._bus.kept(process)

    def _drain(self, process: Process) -> None:
        self._lives[process].drain()

    def _change(self, process: Process) -> None:
        change = self._changing[process] = self._changes.pop(0)
        with self._lives[process].services.database.transaction() as session:
            change.do(session, self._clock.now(UTC))
        del self._changing[process]

    def _fire(self, process: Process) -> None:
        jobs = self._lives[process].jobs
        self._lives[process].fire(jobs.pop(0))

    def _fails(self, kind: Kind) -> str:
        """How a publish or an ack goes wrong this time, if it does."""
        if self._chance.random() >= FAILING:
            return ""
        return self._chance.choice(["lost", "unconfirmed"]) if kind is Kind.PUBLISH else "lost"

    def _maybe_pause(self, process: Process, point: Point) -> None:
        """Stop a process for a while, as a busy host does, unless others would have to wait for it."""
        if self._pauses == 0 or self._chance.random() >= PAUSING or self._site.storage.is_writing(process):
            return
        self._pauses -= 1
        seconds = self._chance.choice(PAUSES)
        self._note_doubts(process)
        if seconds >= HEARTBEATS:
            self._rabbit.lost(process)
        if self.plan.processes == 1:
            self._clock.turn(seconds)
        else:
            process.paused_until = self._clock.seconds + seconds

    def _services(self) -> Services:
        assert self.machine.running is not None
        return self._lives[self.machine.running].services

    def _is_away(self, process: Process) -> bool:
        if process not in self._bus.holders:
            return False
        self._away -= 1
        return self._away >= 0 or (self.plan.rough and self._chance.random() < AWAY)

    def _read_clock(self) -> None:
        self.machine.point(Kind.CLOCK, before=True)
        self.machine.point(Kind.CLOCK, before=False)

    # --- What came of it

    def _check_ack(self, task: Task) -> None:
        """Whoever acknowledges a task has done it, or somebody else has taken it over."""
        for actor, ids in ids_in(task).items():
            marks = ",".join("?" * len(ids))
            if actor.startswith("match"):
                left = self._look(
                    f"SELECT id FROM messages WHERE id IN ({marks}) AND matched_at IS NULL AND tries = 0",  # noqa: S608
                    *ids)
            else:
                now = self._clock.now(UTC).replace(tzinfo=None).isoformat(" ")
                left = self._look(
                    f"SELECT id FROM deliveries WHERE id IN ({marks}) AND state = 'waiting'"  # noqa: S608
                    " AND next_attempt_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)",
                    *ids, now, now)
            if left:
                self._faults.append(f"{actor} {ids} is acknowledged, and {left} isn't done")

    def _outcome(self) -> Outcome:
        faults = [*self._faults, *self._site.errors]
        expectation = Expectation(self._phases)
        faults += expectation.faults_of(self._receivers.sent, self._doubts)
        faults += expectation.left_in(self._look)
        copies = Counter(each.key for each in self._receivers.sent)
        return Outcome(
            self.plan, faults, self.machine.steps, self.machine.points, self._deaths,
            sum(copies.values()) - len(copies))
