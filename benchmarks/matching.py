"""How fast the matcher is, and what it needs, with how many people.

``python benchmarks/matching.py`` makes populations of its own. It reads others with ``--population FILE``,
messages with ``--messages FILE``, and with ``--expect FILE`` compares recipients: it prints the differences
and exits with status 1 if there are any.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from benchmarks.bulk_load import store  # noqa: E402
from benchmarks.matcher_process import Job, Measured, measure, naive_rate  # noqa: E402
from benchmarks.message_files import make_messages, read_messages  # noqa: E402
from benchmarks.naive_matcher import Concerned  # noqa: E402
from benchmarks.populations import (  # noqa: E402
    Population,
    directory_of,
    make_population,
    read_json,
    read_population,
)
from benchmarks.recipients import differences, expected_recipients, known_only  # noqa: E402
from benchmarks.reporting import Measurement, figure, print_table, write  # noqa: E402
from fmn.catalog import Message, catalog  # noqa: E402
from fmn.directory.codec import encode  # noqa: E402
from fmn.filters.default_filters import DEFAULTS  # noqa: E402
from fmn.filters.expressions import All, Not  # noqa: E402
from fmn.filters.rule_types import PRODUCTION, rule_types  # noqa: E402

SIZES = (100, 1_000, 5_000, 100_000, 1_000_000)
#: Enough to be about many different people and packages also where there are a million.
MESSAGES = 5_000
#: More people are compared with so many.
REFERENCE_SIZE = 5_000
#: With more people the naive evaluator takes minutes.
NAIVE_SIZE = 1_000
#: Differences of one message that are printed.
SHOWN = 5

#: The environment of the installation that FMN 2's reference was made with: fedmsg's where nobody sets one.
RECORDED_IN = "dev"
#: The recorded messages beside the project, and whose the nicks and addresses in them are.
CORPUS = ROOT.parent / "shared" / "corpus"
CORPUS_ALIASES = {
    "threebean": "ralph",
    "rbean@redhat.com": "ralph",
    "puiterwijk@gmail.com": "puiterwijk",
    "nicolas.mailhot@laposte.net": "nim",
}


@dataclass(frozen=True)
class Result:
    """What came out for one population."""

    population: Population
    measured: Measured
    naive: float | None

    @property
    def users(self) -> str:
        """How many people, as part of a name."""
        return f"{len(self.population.people):,} users"


def main() -> int:
    """Measure, print, and return the exit status."""
    options = _parser().parse_args()
    results = [_result(population, options) for population in _populations(options)]
    _print_unknown(results)
    _print_results(results)
    print(f"\nKept in {write('matching', _measurements(results))}")
    if options.expect is None:
        return 0
    differing = [_print_differences(result, options) for result in results]
    return 1 if any(differing) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--population", type=Path, help="people, as JSON that may be compressed by gzip")
    parser.add_argument("--messages", type=Path, help="messages, one JSON object a line")
    parser.add_argument("--aliases", type=Path, help="accounts by IRC nick and e-mail address, as JSON")
    parser.add_argument("--expect", type=Path, help="who has to be found, as JSON that may be compressed")
    parser.add_argument(
        "--environment",
        help=f"the installation's (default: {RECORDED_IN} for a given population, else {PRODUCTION})")
    parser.add_argument(
        "--known-only", action="store_true", help="compare messages of applications in the catalogue only")
    parser.add_argument(
        "--size", type=int, nargs="+", default=SIZES, help="numbers of people to make up (%(default)s)")
    return parser


def _populations(options: argparse.Namespace) -> Iterator[Population]:
    if options.population is not None:
        yield read_population(options.population, rule_types())
        return
    filters = {name: All((*wanted, *map(Not, unwanted))) for name, (wanted, unwanted) in DEFAULTS.items()}
    for size in options.size:
        yield make_population(size, filters, rule_types())


def _result(population: Population, options: argparse.Namespace) -> Result:
    print(f"Measuring with {len(population.people):,} people …", file=sys.stderr)
    messages = _messages(population, options.messages)
    directory = directory_of(population, _aliases(options))
    with tempfile.TemporaryDirectory(prefix="fmn-benchmark-") as name:
        job = Job(
            Path(name, "database"), Path(name, "directory"), Path(name, "messages"),
            options.environment or (RECORDED_IN if options.population else PRODUCTION),
            want_recipients=options.expect is not None)
        store(population, job.database)
        job.directory.write_bytes(encode(directory))
        job.messages.write_bytes(pickle.dumps(messages))
        measured = measure(job)
    few = len(population.people) <= NAIVE_SIZE
    return Result(population, measured, naive_rate(population, directory, messages) if few else None)


def _messages(population: Population, path: Path | None) -> Mapping[str, Message]:
    if path is not None:
        return read_messages(path)
    packages = {
        package for person in population.people for mine in person.packages.values() for package in mine}
    return make_messages(
        catalog(), [person.nick for person in population.people], sorted(packages), MESSAGES)


def _aliases(options: argparse.Namespace) -> Mapping[str, str]:
    if options.aliases is not None:
        return dict(read_json(options.aliases))
    recorded = options.messages is not None and options.messages.resolve().is_relative_to(CORPUS)
    return CORPUS_ALIASES if recorded else {}


def _print_unknown(results: Sequence[Result]) -> None:
    unknown = sorted(frozenset().union(*(result.population.unknown_rules for result in results)))
    if unknown:
        print(
            f"{len(unknown)} rules in these people's filters aren't in the catalogue, and never true here: "
            f"{', '.join(unknown)}.\n")


def _print_results(results: Sequence[Result]) -> None:
    header = (
        "users", "messages/s", "facts aside", "naive/s", "ratio", "people each",
        "index s", "directory s", "grown MiB", "peak MiB")
    print_table(header, [_row(result.measured, result.naive) for result in results])
    print(
        "\nmessages/s: of one core's time, reading facts and finding recipients; people each: whom a message"
        "\nconcerns; loading and memory: the index from SQLite, the directory from the cache's bytes.")


def _row(measured: Measured, naive: float | None) -> Sequence[str]:
    loaded = measured.loaded
    return (
        f"{measured.users:,}", figure(measured.rate), figure(measured.rate_without_facts),
        figure(naive) if naive else "", figure(measured.rate / naive) if naive else "",
        figure(measured.people_concerned), figure(loaded.index_seconds), figure(loaded.directory_seconds),
        figure(loaded.grown), figure(loaded.peak))


def _measurements(results: Sequence[Result]) -> Iterator[Measurement]:
    rates = {len(result.population.people): _rate(result) for result in results}
    reference = rates.get(REFERENCE_SIZE)
    for result in results:
        rate = rates[len(result.population.people)]
        if result.naive is not None:
            naive = Measurement(f"messages matched naively, {result.users}", result.naive, "messages/s")
            yield naive
            rate = rate.compared_with(naive)
        elif reference is not None and reference is not rate:
            rate = rate.compared_with(reference)
        yield rate
        yield from _others(result.users, result.measured)


def _others(users: str, measured: Measured) -> Iterator[Measurement]:
    loaded = measured.loaded
    yield Measurement(f"messages matched, facts aside, {users}", measured.rate_without_facts, "messages/s")
    yield Measurement(f"people concerned by a message, {users}", measured.people_concerned, "people")
    yield Measurement(f"time to load the index, {users}", loaded.index_seconds, "s")
    yield Measurement(f"time to load the directory, {users}", loaded.directory_seconds, "s")
    yield Measurement(f"memory for index and directory, {users}", loaded.grown, "MiB")
    yield Measurement(f"peak memory of the process, {users}", loaded.peak, "MiB")


def _rate(result: Result) -> Measurement:
    return Measurement(f"messages matched, {result.users}", result.measured.rate, "messages/s")


def _print_differences(result: Result, options: argparse.Namespace) -> bool:
    """Print where recipients aren't those expected; whether there's any such message."""
    found = result.measured.recipients
    expected = expected_recipients(options.expect, result.population)
    if options.known_only:
        known = known_only(_messages(result.population, options.messages), catalog())
        print(f"\n{len(known)} of {len(found)} messages are from applications in the catalogue.")
        found = {name: concerned for name, concerned in found.items() if name in known}
    differing = differences(found, expected)
    for name, (missing, unexpected) in sorted(differing.items()):
        _print_difference(name, missing, unexpected)
    compared = found.keys() & expected.keys()
    entries = sum(len(expected[name]) for name in compared)
    print(
        f"\n{result.users}: recipients of {len(compared) - len(differing)} of {len(compared)} messages are as"
        f" expected ({entries} notifications); {len(found.keys() - compared)} messages have none stated.")
    return bool(differing)


def _print_difference(name: str, missing: frozenset[Concerned], unexpected: frozenset[Concerned]) -> None:
    print(f"\n{name}: {len(missing)} missing, {len(unexpected)} unexpected")
    for word, concerned in (("missing", missing), ("unexpected", unexpected)):
        for nick, context, filter_name in sorted(concerned)[:SHOWN]:
            print(f"  {word}: {nick}, {context}, {filter_name!r}")


if __name__ == "__main__":
    sys.exit(main())
