"""How long previews take over the ledger's history, on SQLite and on PostgreSQL where it's installed.

Messages are the catalogue's examples about other people and packages each time, two weeks of them. Filters
are those that people have, and some of the widest one can save. A figure is the median of several previews.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from benchmarks.history_databases import databases, keep  # noqa: E402
from benchmarks.message_files import make_messages  # noqa: E402
from benchmarks.reporting import Measurement, print_measurements, write  # noqa: E402
from fmn.catalog import catalog  # noqa: E402
from fmn.directory.merging import DirectoryPart, merge  # noqa: E402
from fmn.directory.snapshot import Directory  # noqa: E402
from fmn.filters.default_filters import default_filters  # noqa: E402
from fmn.filters.expression_syntax import parse_expression  # noqa: E402
from fmn.filters.expressions import Expression  # noqa: E402
from fmn.filters.rule_types import rule_types  # noqa: E402
from fmn.infra.db import Database  # noqa: E402
from fmn.matching.match_context import MatchContext  # noqa: E402
from fmn.matching.preview import DAYS, DayRange, Preview, preview  # noqa: E402
from fmn.matching.stored_facts import recent_traffic  # noqa: E402

MESSAGES = 100_000
#: People, and as many packages, each of whom owns so many. One group has so many, too, and one has them all.
PEOPLE, PACKAGES_EACH = 5_000, 20
ROUNDS = 5
#: Filters that people type.
TYPED = (
    "maintains(@me) and not actor(@me)", "package_filter(package0000007)", "application(buildsys)",
    "event(bodhi_update_comment)", "severity(error)", "topic_filter(*.bodhi.*)", "koji_instance(primary)",
    "fas_group_member_filter(sig)", "group_maintains(sig) and severity(warning)", "group_maintains(releng)",
    'package_regex_filter("7$")',
    "application(bodhi) and field(path=update.karma, value=3)",
    "regex_filter(person0000001)", 'regex_filter("(?i)Person0000001|Person0000002")', "regex_filter(comment)",
    'field_regex(path=*.name, pattern="^person000000[12]")',
)
#: The widest ones: nearly every message, judged one by one or read.
WIDE = ("severity(info)", "severity(info) and not user_filter(@me)", 'regex_filter("[0-9]{4}")')


def main() -> int:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=MESSAGES, help="in the history (%(default)s)")
    options = parser.parse_args()
    people = [f"person{number:07}" for number in range(PEOPLE)]
    packages = [f"package{number:07}" for number in range(PEOPLE)]
    match_context = MatchContext(rule_types(), catalog(), _directory(people, packages))
    messages = make_messages(catalog(), people, packages, options.messages)
    measurements: list[Measurement] = []
    for name, database in databases():
        print(f"Measuring on {name} …", file=sys.stderr)
        now = datetime.now(UTC)
        keep(database, messages, now)
        measurements += _measure(name, database, match_context, people[1], now)
    print_measurements(measurements)
    print(f"\nKept in {write('preview', measurements)}")
    return 0


def _directory(people: list[str], packages: list[str]) -> Directory:
    chance = random.Random(1)
    owners: dict[str, list[str]] = {}
    for nick in people:
        for package in chance.choices(packages, k=PACKAGES_EACH):
            owners.setdefault(package, []).append(nick)
    for number, package in enumerate(packages):
        owners.setdefault(package, []).extend(["@releng", "@sig"] if number < PACKAGES_EACH else ["@releng"])
    return merge([DirectoryPart(committers={"rpms": owners}, groups={"sig": people[:10]})])


def _measure(
    name: str, database: Database, match_context: MatchContext, nick: str, now: datetime,
) -> Iterator[Measurement]:
    filters: dict[str, Expression] = {
        **default_filters(rule_types()),
        **{text: parse_expression(text, rule_types()) for text in (*TYPED, *WIDE)}}
    slowest = 0.0
    for label, expression in filters.items():
        times, result = _times(database, expression, match_context, nick, now)
        slowest = max(slowest, *times)
        yield Measurement(f"{name}, {label}", statistics.median(times) * 1000, "ms")
        if not result.complete:
            share = (now - result.since) / timedelta(days=DAYS - 1)
            yield Measurement(f"{name}, {label}, time looked back on", share * 100, "%")
    yield Measurement(f"{name}, slowest of all previews", slowest * 1000, "ms")
    with database.transaction() as session:
        started = time.perf_counter()
        recent_traffic(session, now)
        took = time.perf_counter() - started
    yield Measurement(f"{name}, what was seen, for the linter", took * 1000, "ms")


def _times(
    database: Database, expression: Expression, match_context: MatchContext, nick: str, now: datetime,
) -> tuple[list[float], Preview]:
    times: list[float] = []
    with database.transaction() as session:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            result = preview(session, expression, nick, match_context, DayRange(now))
            times.append(time.perf_counter() - started)
    return times, result


if __name__ == "__main__":
    sys.exit(main())
