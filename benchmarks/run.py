"""Runs all benchmarks, one after the other, and prints what they measured in one table: ``make bench``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.reporting import RESULTS, print_measurements, read  # noqa: E402 - found only now, as a script

#: Those that exist are run in this order.
BENCHMARKS = (
    "facts", "matching", "preview", "pages", "fan_out", "live_feed", "amqp_intake", "end_to_end", "churn",
    "neighbour")


def main() -> int:
    """Run them; returns 1 if one failed, after all have run."""
    present = [name for name in BENCHMARKS if (ROOT / "benchmarks" / f"{name}.py").exists()]
    failed = [name for name in present if not _succeeds(name)]
    measurements = [
        measurement
        for name in present if name not in failed
        for measurement in read(RESULTS / f"{name}.json")
    ]
    print()
    print_measurements(measurements)
    for name in failed:
        print(f"The benchmark {name} failed.", file=sys.stderr)
    return 1 if failed else 0


def _succeeds(name: str) -> bool:
    print(f"\n{name}\n{'=' * len(name)}\n", flush=True)
    return subprocess.run([sys.executable, ROOT / "benchmarks" / f"{name}.py"], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
