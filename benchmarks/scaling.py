"""How many processes and databases so many people and messages take, and which limit comes first.

Nothing is run here: the busiest hour of a day is simulated, second by second, from what each step costs, as
:mod:`benchmarks.costs` has measured it. Messages come by chance, and for some minutes there's a storm,
as in a mass rebuild. Each part of FMN works off what waits for it, as much as its processes can, and hands it
on to the next. So one sees what keeps up, and how late people are told.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.reporting import RESULTS, figure, print_table, read  # noqa: E402 - found only now, as a script

#: Of a processor's time, what may be used in the busiest hour: the rest is for storms, and for others.
FILLED: Final = 0.6
#: How much more comes in the busiest hour than on average, and in a storm, which lasts so many seconds.
BUSIEST, STORM, STORM_SECONDS = 1.8, 3.0, 600
HOUR: Final = 3_600
#: A storm begins so many seconds after the hour did.
STORM_AT: Final = 900
#: What one database server is given at most: processors, and bytes of its log a second.
DATABASE_PROCESSORS, DATABASE_LOG = 32, 200e6
#: Days that messages and whom they concern are kept, and deliveries; a day's seconds.
MESSAGE_DAYS, DELIVERY_DAYS, DAY = 14, 90, 86_400

class Costs(NamedTuple):
    """What a message costs, and one person who is told of it.

    Seconds of a processor, in FMN's processes and in PostgreSQL's, and bytes of PostgreSQL's log and tables.
    """

    read: float = 0.0
    stored: float = 0.0
    stored_database: float = 0.0
    matched: float = 0.0
    matched_database: float = 0.0
    recorded: float = 0.0
    recorded_database: float = 0.0
    mailed: float = 0.0
    mailed_database: float = 0.0
    message_log: float = 0.0
    notification_log: float = 0.0
    message_bytes: float = 0.0
    notification_bytes: float = 0.0


class Project(NamedTuple):
    """How large a project is: messages a second on average, and how many people one message is sent to."""

    name: str
    people: int
    messages: float
    told: float


class Plan(NamedTuple):
    """How many of each there are. Each database has a share of the people, and workers and backends."""

    databases: int
    consumers: int
    workers: int
    backends: int


PROJECTS: Final = (
    Project("a small project", 200, 0.1, 3),
    Project("Fedora", 5_000, 2, 5),
    Project("ten times Fedora", 50_000, 20, 5),
    Project("a hundred times Fedora", 500_000, 200, 5),
    Project("a million people", 1_000_000, 1_000, 5),
)


def main() -> int:
    """Print what each project needs, and how late its people are told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, help="of a project of your own; the others are left out then")
    parser.add_argument("--messages", type=float, default=1.0, help="a second, on average")
    parser.add_argument("--told", type=float, default=5.0, help="people whom a message is sent to")
    options = parser.parse_args()
    projects: Sequence[Project] = PROJECTS
    if options.people is not None:
        projects = [Project("yours", options.people, options.messages, options.told)]
    costs = _costs()
    print_table(
        ("project", "people", "messages/s", "mails/s", "databases", "consumers", "workers", "backends",
         "DB cores", "log MB/s", "tables GB", "late, median s", "99 % s", "in a storm s", "fullest with one"),
        [_row(project, costs) for project in projects])
    return 0


def _costs() -> Costs:
    measured = {each.name: each.value for each in read(RESULTS / "costs.json")}
    micro = {
        field: measured[f"{one} {what}, {where}"] * 1e-6
        for field, one, what, where in (
            ("read", "message", "read and verified", "FMN"),
            ("stored", "message", "stored", "FMN"),
            ("stored_database", "message", "stored", "PostgreSQL"),
            ("matched", "message", "matched", "FMN"),
            ("matched_database", "message", "matched", "PostgreSQL"),
            ("recorded", "notification", "recorded", "FMN"),
            ("recorded_database", "notification", "recorded", "PostgreSQL"),
            ("mailed", "notification", "mailed", "FMN"),
            ("mailed_database", "notification", "mailed", "PostgreSQL"))}
    return Costs(
        **micro,
        message_log=sum(
            measured[f"message {what}, PostgreSQL's log"] for what in ("stored", "matched")),
        notification_log=sum(
            measured[f"notification {what}, PostgreSQL's log"] for what in ("recorded", "mailed")),
        message_bytes=measured["a message on disk"], notification_bytes=measured["a notification on disk"])


def _row(project: Project, costs: Costs) -> Sequence[str]:
    plan, limit = planned(project, costs)
    late = simulated(project, costs, plan)
    messages = project.messages * BUSIEST
    mails = messages * project.told
    kept = costs.message_bytes * MESSAGE_DAYS * plan.databases
    kept += project.told * costs.notification_bytes * DELIVERY_DAYS
    tables = project.messages * DAY * kept
    return (
        project.name, f"{project.people:,}", figure(messages), figure(mails), str(plan.databases),
        str(plan.consumers), str(plan.databases * plan.workers), str(plan.databases * plan.backends),
        figure(_database_load(project, costs, plan.databases)),
        figure(_log(project, costs, plan.databases) / 1e6), figure(tables / 1e9),
        *(figure(seconds) for seconds in late), limit)


def planned(project: Project, costs: Costs) -> tuple[Plan, str]:
    """What the busiest hour takes, and which part of one database's installation is the fullest then."""
    databases = 1
    while (_database_load(project, costs, databases) > DATABASE_PROCESSORS * FILLED
           or _log(project, costs, databases) > DATABASE_LOG * FILLED):
        databases += 1
    needed = _needed(project, costs, databases)
    plan = Plan(databases, *(max(1, math.ceil(load / FILLED)) for load in needed.values()))
    # One consumer, worker and backend with one database is how everybody begins.
    fullest = {
        **needed, "database": max(
            _database_load(project, costs, 1) / DATABASE_PROCESSORS, _log(project, costs, 1) / DATABASE_LOG)}
    return plan, max(fullest, key=lambda part: fullest[part])


def _needed(project: Project, costs: Costs, databases: int) -> Mapping[str, float]:
    """Processors that the parts keep busy in the busiest hour: all consumers, and one database's others."""
    messages = project.messages * BUSIEST
    told = messages * project.told / databases
    return {
        # Every message goes into every database: there the people are whom it may concern.
        "consumer": messages * (costs.read + costs.stored * databases),
        "worker": messages * costs.matched + told * costs.recorded,
        "backend": told * costs.mailed,
    }


def _database_load(project: Project, costs: Costs, databases: int) -> float:
    """Processors that one database keeps busy in the busiest hour."""
    of_message = costs.stored_database + costs.matched_database
    of_notification = costs.recorded_database + costs.mailed_database
    return project.messages * BUSIEST * (of_message + project.told / databases * of_notification)


def _log(project: Project, costs: Costs, databases: int) -> float:
    """Bytes of its log that one database writes a second in the busiest hour."""
    messages = project.messages * BUSIEST
    return messages * (costs.message_log + project.told / databases * costs.notification_log)


class _Stage:
    """What waits for a part, by the second in which it happened; and how much of it is done in a second."""

    def __init__(self, capacity: float) -> None:
        self._capacity = capacity
        self._waiting: deque[tuple[int, float]] = deque()

    def come(self, happened: int, amount: float) -> None:
        if amount:
            self._waiting.append((happened, amount))

    def done(self) -> Sequence[tuple[int, float]]:
        """What is done in one second, the oldest first."""
        left, done = self._capacity, []
        while left > 0 and self._waiting:
            happened, amount = self._waiting.popleft()
            part = min(left, amount)
            done.append((happened, part))
            left -= part
            if part < amount:
                self._waiting.appendleft((happened, amount - part))
        return done


def simulated(project: Project, costs: Costs, plan: Plan) -> tuple[float, float, float]:
    """How many seconds late people are told: median and 99 % outside the storm, and 99 % within.

    A second is the shortest that is simulated, so less than one is told as one.
    """
    chance = random.Random(1)
    told = project.told / plan.databases
    stages = [
        _Stage(plan.consumers / (costs.read + costs.stored * plan.databases)),
        _Stage(plan.workers / (costs.matched + told * costs.recorded)),
        _Stage(plan.backends / (told * costs.mailed)),
    ]
    calm: list[tuple[int, float]] = []
    stormy: list[tuple[int, float]] = []
    for second in range(2 * HOUR):
        storm = STORM_AT <= second < STORM_AT + STORM_SECONDS
        rate = project.messages * BUSIEST * (STORM if storm else 1.0) if second < HOUR else 0.0
        stages[0].come(second, _poisson(rate, chance))
        for stage, following in zip(stages, [*stages[1:], None], strict=True):
            for happened, amount in stage.done():
                if following is not None:
                    following.come(happened, amount)
                else:
                    within = STORM_AT <= happened < STORM_AT + STORM_SECONDS
                    (stormy if within else calm).append((second - happened + 1, amount))
    return _share(calm, 0.5), _share(calm, 0.99), _share(stormy, 0.99)


def _poisson(rate: float, chance: random.Random) -> float:
    if rate > 50:
        return max(0.0, round(chance.gauss(rate, math.sqrt(rate))))
    count, product = 0, chance.random()
    while product > math.exp(-rate):
        count, product = count + 1, product * chance.random()
    return float(count)


def _share(late: Sequence[tuple[int, float]], share: float) -> float:
    """The seconds within which such a share of all was told."""
    rest = share * sum(amount for _, amount in late)
    for seconds, amount in sorted(late):
        rest -= amount
        if rest <= 0:
            return seconds
    return 0.0


if __name__ == "__main__":
    sys.exit(main())
