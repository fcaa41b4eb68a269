"""Measuring the matcher in a process of its own, as a worker would run it."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from benchmarks.naive_matcher import Concerned, NaiveEvaluator
from benchmarks.populations import Population
from benchmarks.recipients import Recipients, find_recipients
from fmn.catalog import Message, catalog
from fmn.directory.codec import decode
from fmn.directory.snapshot import Directory
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.matching.index.loading import load_index
from fmn.matching.index.matching_index import Index

#: Rounds over all messages; the best one counts, for whatever disturbs one only ever makes it slower.
ROUNDS = 5
#: Messages that the naive evaluator gets: enough for a figure, few enough to wait for.
NAIVE_MESSAGES = 200


@dataclass(frozen=True)
class Job:
    """What to measure with: a stored population, an encoded directory and messages, each a file."""

    database: Path
    directory: Path
    messages: Path
    environment: str
    want_recipients: bool


@dataclass(frozen=True)
class Loaded:
    """What loading took, in seconds of a core's time and MiB."""

    directory_seconds: float
    index_seconds: float
    resident: float
    grown: float
    peak: float


@dataclass(frozen=True)
class Measured:
    """What a worker takes for a population. Rates are messages per second of one core's time.

    Recipients are empty if the job didn't want them.
    """

    users: int
    loaded: Loaded
    rate: float
    rate_without_facts: float
    people_concerned: float
    recipients: Recipients


def measure(job: Job) -> Measured:
    """Measure in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_measure, job).result()


def _measure(job: Job) -> Measured:
    with job.messages.open("rb") as file:
        messages: Mapping[str, Message] = pickle.load(file)  # noqa: S301 - our parent wrote it
    catalog(), rule_types(job.environment)
    before = _memory()["VmRSS"]
    database = Database(f"sqlite:///{job.database}")
    try:
        started = time.process_time()
        directory = decode(job.directory.read_bytes())
        at_half = time.process_time()
        with database.transaction() as session:
            index = load_index(session, rule_types(job.environment))
        finished = time.process_time()
        memory = _memory()
        loaded = Loaded(
            at_half - started, finished - at_half, memory["VmRSS"], memory["VmRSS"] - before, memory["VmHWM"])
        rate, rate_without_facts, people = _rates(index, directory, list(messages.values()))
        found: Recipients = {}
        if job.want_recipients:
            found = find_recipients(index, catalog(), directory, messages, database)
    finally:
        database.close()
    return Measured(len(index), loaded, rate, rate_without_facts, people, found)


def _memory() -> Mapping[str, float]:
    """Resident memory of this process now (``VmRSS``) and at most so far (``VmHWM``), in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return {
        name: int(value.split()[0]) / 1024
        for name, _, value in (line.partition(":") for line in lines) if name in ("VmRSS", "VmHWM")
    }


def _rates(index: Index, directory: Directory, messages: Sequence[Message]) -> tuple[float, float, float]:
    """Messages per second with and without reading facts, and how many people one concerns."""
    read = [catalog().facts(message, directory.account) for message in messages]
    people = sum(len({match.user_id for match in index.match(facts, directory)}) for facts in read)

    def match_messages() -> None:
        for message in messages:
            index.match(catalog().facts(message, directory.account), directory)

    def match_facts() -> None:
        for facts in read:
            index.match(facts, directory)

    return (
        len(messages) / best_seconds(match_messages), len(messages) / best_seconds(match_facts),
        people / len(messages))


def best_seconds(work: Callable[[], None], rounds: int = ROUNDS) -> float:
    """Seconds of a core's time that work takes, at best."""
    return min(_seconds(work) for _ in range(rounds))


def _seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


@dataclass(frozen=True)
class NaivelyMeasured:
    """Messages per second of the naive evaluator, facts included, and the recipients of those messages."""

    rate: float
    recipients: Recipients


def measure_naively(
    population: Population, directory: Directory, messages: Mapping[str, Message],
) -> NaivelyMeasured:
    """Measure the naive evaluator with some of the messages."""
    people = {person.nick: dict.fromkeys(population.contexts, person.filters) for person in population.people}
    evaluator = NaiveEvaluator(people, directory, catalog())
    few = dict(islice(messages.items(), NAIVE_MESSAGES))
    found: dict[str, frozenset[Concerned]] = {}

    def match_messages() -> None:
        for name, message in few.items():
            found[name] = frozenset(evaluator.match(catalog().facts(message, directory.account)))

    return NaivelyMeasured(len(few) / best_seconds(match_messages, rounds=2), found)
