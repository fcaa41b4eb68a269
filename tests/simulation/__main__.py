"""The command: ``python -m tests.simulation``. Without options it does what CI does."""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import click

from tests.simulation.bugs import BUGS
from tests.simulation.environment import Site
from tests.simulation.exploration import CrashPoints, Report, plan_of
from tests.simulation.runs import Plan, Run
from tests.simulation.workloads import PACKAGES

#: Where files are memory: nothing has to outlive this machine.
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
#: Failed runs that are shown, and what is wrong with each.
SHOWN: Final = 10


@click.command()
@click.option("--points", is_flag=True, help="Let the process die at each point of the workload.")
@click.option("--every", is_flag=True, help="At points, too, between which nothing changed that outlives it.")
@click.option("--point", type=int, help="Only at this one.")
@click.option(
    "--about", type=click.Choice(PACKAGES), multiple=True, default=PACKAGES,
    help="At points, only with what happens to these packages; all, by default.")
@click.option(
    "--apart", is_flag=True, help="At points, with what happens to each of these packages by itself.")
@click.option("--seeds", type=int, default=0, help="Do the runs of so many seeds.")
@click.option("--first", type=int, default=0, help="Beginning with this one.")
@click.option("--seed", type=int, help="Only the run of this one.")
@click.option("--bug", type=click.Choice(sorted(BUGS)), help="Put this bug in, and stop when it's found.")
@click.option("--as-json", is_flag=True, help="Tell it for programs.")
@click.option(
    "--orders", is_flag=True,
    help="Do what lines of the input say, options in JSON, one after the other in a fork each.")
@click.pass_context
def simulate(context: click.Context, /, *, orders: bool, as_json: bool, **what: Any) -> None:
    """Stop FMN at its steps, start it again, and look at what comes of it."""
    if context.obj is None:
        with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
            context.obj = _site_in(Path(folder))
            if orders:
                _obey(context.obj)
                return
            failed = _explore(context.obj, as_json=as_json, **what)
    else:
        failed = _explore(context.obj, as_json=as_json, **what)
    sys.exit(failed)


def _site_in(folder: Path) -> Site:
    site = Site(folder)
    # What was imported stays, so it needn't be looked through again and again, nor be copied by forks.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
    return site


def _obey(site: Site) -> None:
    """Do what comes on standard input. All begin with the same imported code and the same site."""
    for line in sys.stdin:
        with tempfile.TemporaryDirectory(dir=site.folder) as folder:
            if os.fork() == 0:
                site.move(Path(folder))
                # Whatever comes of it, the folders are the other one's.
                try:
                    simulate(json.loads(line), obj=site)
                finally:
                    sys.stdout.flush()
                    os._exit(0)
            os.wait()


def _explore(
    site: Site, *, points: bool, every: bool, point: int | None, about: tuple[str, ...], apart: bool,
    seeds: int, first: int, seed: int | None, bug: str | None, as_json: bool,
) -> bool:
    """Do it, and tell of it; whether anything failed."""
    began, report = time.perf_counter(), Report()
    if bug:
        BUGS[bug](site)

    def enough() -> bool:
        return bool(bug and report.failed)

    if points or every or point is not None:
        for packages in [(each,) for each in about] if apart else [about]:
            CrashPoints(site, report, every=every, only=point, enough=enough).explore(
                Plan(packages=packages))
    for number in range(first, first + seeds) if seed is None else [seed]:
        if not enough():
            report.add(Run(site, plan_of(number)).go(), f"--seed {number}")
    site.reset()
    _tell(report, time.perf_counter() - began, as_json=as_json)
    return bool(report.failed)


def _tell(report: Report, seconds: float, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**vars(report), "seconds": seconds}))
        return
    for again, faults in list(report.failed.items())[:SHOWN]:
        click.echo(f"make simulate {again.removeprefix('--').upper().replace(' ', '=')}")
        for fault in faults[:SHOWN]:
            click.echo(f"    {fault}")
    if report.steps:
        kinds = ", ".join(f"{count} × {kind}" for kind, count in sorted(report.steps.items()))
        click.echo(f"{report.steps.total():,} steps ({kinds}), {report.points:,} points")
    click.echo(f"{report.runs:,} runs, {report.deaths:,} deaths, {report.doubled:,} sent again in doubt, "
               f"{len(report.failed):,} failed; {seconds:.0f} s")


if __name__ == "__main__":
    # The same seed has to make the same run in every Python.
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]],
                  {**os.environ, "PYTHONHASHSEED": "0"})
    simulate()
