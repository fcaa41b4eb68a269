"""How fast the matcher is, and what it needs, with how many people.

``python benchmarks/matching.py`` makes populations of its own: people with the filters that new people get,
and people with six filters of their own each, 70 % of which ask for a package, 15 % for another person, 10 %
for packages by a pattern and 5 % for a text by a pattern. It reads others with ``--population FILE``, and
messages with ``--messages FILE``.

Recipients are compared with those that a naive evaluator finds, for up to 1,000 people, and with
``--expect FILE`` with those in a file. It prints differences and exits with status 1 if there are any.
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
from benchmarks.matcher_process import (  # noqa: E402
    Job,
    Measured,
    NaivelyMeasured,
    measure,
    measure_naively,
)
from benchmarks.message_files import make_messages, read_messages  # noqa: E402
from benchmarks.naive_matcher import Concerned  # noqa: E402
from benchmarks.populations import (  # noqa: E402
    DEFAULT,
    PERSONAL,
    Population,
    directory_of,
    make_personal_population,
    make_population,
    read_json,
    read_population,
)
from benchmarks.recipients import (  # noqa: E402
    Recipients,
    differences,
    expected_recipients,
    known_only,
)
from benchmarks.reporting import Measurement, figure, print_table, write  # noqa: E402
from fmn.catalog import Message, catalog  # noqa: E402
from fmn.directory.codec import encode  # noqa: E402
from fmn.filters.default_filters import DEFAULTS  # noqa: E402
from fmn.filters.expressions import All, Not  # noqa: E402
from fmn.filters.rule_types import PRODUCTION, rule_types  # noqa: E402

SIZES = (1_000, 5_000, 20_000, 100_000, 1_000_000)
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
    naive: NaivelyMeasured | None


def main() -> int:
    """Measure, print, and return the exit status."""
    options = _parser().parse_args()
    results = [_result(population, options) for population in _populations(options)]
    _print_unknown(results)
    _print_results(results)
    print(f"\nKept in {write('matching', _measurements(results))}")
    differing = [
        _print_differences(
            result.population, result.measured.recipients, result.naive.recipients, "found naively")
        for result in results if result.naive]
    if options.expect is not None:
        differing += [_print_unexpected(result, options) for result in results]
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
        "--filters", choices=(DEFAULT, PERSONAL), nargs="+", default=(DEFAULT, PERSONAL),
        help="filters of people who are made up (%(default)s)")
    parser.add_argument(
        "--size", type=int, nargs="+", default=SIZES, help="numbers of people to make up (%(default)s)")
    return parser


def _populations(options: argparse.Namespace) -> Iterator[Population]:
    if options.population is not None:
        yield read_population(options.population, rule_types())
        return
    filters = {name: All((*wanted, *map(Not, unwanted))) for name, (wanted, unwanted) in DEFAULTS.items()}
    for size in options.size:
        if DEFAULT in options.filters:
            yield make_population(size, filters, rule_types())
        if PERSONAL in options.filters:
            yield make_personal_population(size)


def _result(population: Population, options: argparse.Namespace) -> Result:
    print(f"Measuring with {population.name} …", file=sys.stderr)
    messages = _messages(population, options.messages)
    directory = directory_of(population, _aliases(options))
    few = len(population.people) <= NAIVE_SIZE
    with tempfile.TemporaryDirectory(prefix="fmn-benchmark-") as name:
        job = Job(
            Path(name, "database"), Path(name, "directory"), Path(name, "messages"),
            options.environment or (RECORDED_IN if options.population else PRODUCTION),
            want_recipients=few or options.expect is not None)
        store(population, job.database)
        job.directory.write_bytes(encode(directory))
        job.messages.write_bytes(pickle.dumps(messages))
        measured = measure(job)
    return Result(population, measured, measure_naively(population, directory, messages) if few else None)


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
        "users", "filters", "messages/s", "facts aside", "naive/s", "ratio", "people each",
        "index s", "directory s", "grown MiB", "peak MiB")
    print_table(header, list(map(_row, results)))
    print(
        "\nmessages/s: of one core's time, reading facts and finding recipients; people each: whom a message"
        "\nconcerns; loading, also of one core's time, and memory: the index from SQLite, the directory from"
        "\nthe cache's bytes.")


def _row(result: Result) -> Sequence[str]:
    measured, naive = result.measured, result.naive
    loaded = measured.loaded
    return (
        f"{measured.users:,}", result.population.filters,
        figure(measured.rate), figure(measured.rate_without_facts),
        figure(naive.rate) if naive else "", figure(measured.rate / naive.rate) if naive else "",
        figure(measured.people_concerned), figure(loaded.index_seconds), figure(loaded.directory_seconds),
        figure(loaded.grown), figure(loaded.peak))


def _measurements(results: Sequence[Result]) -> Iterator[Measurement]:
    rates = {result.population.name: _rate(result) for result in results}
    references = {
        result.population.filters: rates[result.population.name]
        for result in results if len(result.population.people) == REFERENCE_SIZE}
    for result in results:
        name = result.population.name
        rate, reference = rates[name], references.get(result.population.filters)
        if result.naive is not None:
            naive = Measurement(f"messages matched naively, {name}", result.naive.rate, "messages/s")
            yield naive
            rate = rate.compared_with(naive)
        elif reference is not None and reference is not rate:
            rate = rate.compared_with(reference)
        yield rate
        yield from _others(name, result.measured)


def _others(users: str, measured: Measured) -> Iterator[Measurement]:
    loaded = measured.loaded
    yield Measurement(f"messages matched, facts aside, {users}", measured.rate_without_facts, "messages/s")
    yield Measurement(f"people concerned by a message, {users}", measured.people_concerned, "people")
    yield Measurement(f"time to load the index, {users}", loaded.index_seconds, "s")
    yield Measurement(f"time to load the directory, {users}", loaded.directory_seconds, "s")
    yield Measurement(f"memory for index and directory, {users}", loaded.grown, "MiB")
    yield Measurement(f"peak memory of the process, {users}", loaded.peak, "MiB")


def _rate(result: Result) -> Measurement:
    return Measurement(f"messages matched, {result.population.name}", result.measured.rate, "messages/s")


def _print_unexpected(result: Result, options: argparse.Namespace) -> bool:
    """Print where recipients aren't those of a file; whether there's any such message."""
    found = result.measured.recipients
    expected = expected_recipients(options.expect, result.population)
    if options.known_only:
        known = known_only(_messages(result.population, options.messages), catalog())
        print(f"\n{len(known)} of {len(found)} messages are from applications in the catalogue.")
        found = {name: concerned for name, concerned in found.items() if name in known}
    differs = _print_differences(result.population, found, expected, "expected")
    print(f"{len(found.keys() - expected.keys())} messages have none stated.")
    return differs


def _print_differences(population: Population, found: Recipients, expected: Recipients, kind: str) -> bool:
    """Print where recipients aren't others; whether there's any such message."""
    differing = differences(found, expected)
    for name, (missing, unexpected) in sorted(differing.items()):
        _print_difference(name, missing, unexpected)
    compared = found.keys() & expected.keys()
    entries = sum(len(expected[name]) for name in compared)
    print(
        f"\n{population.name}: recipients of {len(compared) - len(differing)} of {len(compared)} messages"
        f" are as {kind} ({entries:,} notifications).")
    return bool(differing)


def _print_difference(name: str, missing: frozenset[Concerned], unexpected: frozenset[Concerned]) -> None:
    print(f"\n{name}: {len(missing)} missing, {len(unexpected)} unexpected")
    for word, concerned in (("missing", missing), ("unexpected", unexpected)):
        for nick, context, filter_name in sorted(concerned)[:SHOWN]:
            print(f"  {word}: {nick}, {context}, {filter_name!r}")


if __name__ == "__main__":
    sys.exit(main())
