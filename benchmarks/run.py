"""Runs all benchmarks, one after the other, prints what they measured and keeps it: ``make bench``.

Results are kept with date and commit in a file for each kind of machine, in ``benchmarks/results/machines``,
and printed beside the last ones that were kept.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from benchmarks import reporting  # noqa: E402
from benchmarks.kept_results import KeptResults, changes, current_run  # noqa: E402
from benchmarks.machine import this_machine  # noqa: E402
from benchmarks.reporting import Measurement, figure, print_table, read  # noqa: E402

#: Those that exist are run in this order.
BENCHMARKS = (
    "facts", "matching", "preview", "pages", "retention", "fan_out", "live_feed", "amqp_intake", "end_to_end",
    "churn", "neighbour")


def main() -> int:
    """Run them; returns 1 if one failed, after all have run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these: " + ", ".join(BENCHMARKS))
    names = parser.parse_args().names or BENCHMARKS
    if unknown := set(names).difference(BENCHMARKS):
        parser.error(f"there's no benchmark {min(unknown)}")
    present = [name for name in names if (ROOT / "benchmarks" / f"{name}.py").exists()]
    failed = [name for name in present if not _succeeds(name)]
    results = {
        name: read(reporting.RESULTS / f"{name}.json") for name in present if name not in failed}
    _report(results)
    for name in failed:
        print(f"The benchmark {name} failed.", file=sys.stderr)
    return 1 if failed else 0


def _succeeds(name: str) -> bool:
    print(f"\n{name}\n{'=' * len(name)}\n", flush=True)
    return subprocess.run([sys.executable, ROOT / "benchmarks" / f"{name}.py"], check=False).returncode == 0


def _report(results: Mapping[str, Sequence[Measurement]]) -> None:
    """Print results beside the last ones on such a machine, and keep them."""
    machine = this_machine()
    kept = KeptResults(reporting.RESULTS, machine)
    rows = [row for name, measured in results.items() for row in _rows(name, measured, kept)]
    print(f"\n{machine}\n")
    print_table(("measured", "value", "unit", "ratio", "before", "change"), rows)
    if results:
        kept.keep(current_run(machine, results))
        print(f"\nKept in {kept.path}")


def _rows(name: str, measured: Sequence[Measurement], kept: KeptResults) -> Iterator[tuple[str, ...]]:
    last = kept.last_with(name)
    yield name.upper(), "", "", "", "", f"since {last}" if last else "kept for the first time"
    for now, before in changes(measured, last.results[name] if last else ()):
        yield (
            now.name, figure(now.value), now.unit, now.compared, figure(before.value) if before else "",
            _change(now.value, before.value) if before else "")


def _change(now: float, before: float) -> str:
    return f"{(now / before - 1) * 100:+.0f} %" if before else ""


if __name__ == "__main__":
    sys.exit(main())
