"""``fmn config``: checks the settings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from fmn.cli.command_group import CommandGroup
from fmn.config_check.check_list import offline, online
from fmn.config_check.runner import run
from fmn.infra.clock import utc_now
from fmn.settings import CONFIG_VARIABLE
from fmn.settings.check_results import CheckResult, Level
from fmn.settings.loader import check_settings
from fmn.text import pluralize

#: Colours of results on a terminal.
_COLOURS: Final = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILED: "red"}


@click.group(cls=CommandGroup)
def config() -> None:
    """Check the settings."""


@config.command()
@click.option("--offline", "only_here", is_flag=True, help="Connect to no server.")
@click.pass_context
def check(context: click.Context, only_here: bool) -> None:
    """Check the settings, and whether the servers they name can be reached.

    Prints a line for each result. Changes, declares and sends nothing. Exits with 1 if something is wrong;
    warnings don't count.
    """
    path: Path = context.meta[CONFIG_VARIABLE]
    checked = check_settings(path)
    checks = [*offline(path, checked, utc_now())]
    if not only_here:
        checks += online(path, checked)
    with _library_logging_disabled():
        levels = [_print_result(result) for result in run(checks)]
    wrong, odd = levels.count(Level.FAILED), levels.count(Level.WARNING)
    click.echo(f"{wrong} wrong, {pluralize(odd, 'warning')}")
    if wrong:
        raise click.exceptions.Exit(1)


@contextmanager
def _library_logging_disabled() -> Iterator[None]:
    """No logging: libraries log refusals that a result says in a sentence."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)


def _print_result(result: CheckResult) -> Level:
    mark = click.style(f"{result.level:<8}", fg=_COLOURS[result.level])
    click.echo(f"{mark} {result.subject:<12} {result.sentence}")
    return result.level
