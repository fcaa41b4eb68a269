"""``fmn config``: whether the settings can be used."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from fmn.config_check.check_list import offline, online
from fmn.config_check.runner import run
from fmn.infra.clock import utc_now
from fmn.settings import CONFIG_VARIABLE
from fmn.settings.check_results import CheckResult, Level
from fmn.settings.loader import check_settings

#: How findings are marked on a terminal.
_COLOURS: Final = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILED: "red"}


@click.group()
def config() -> None:
    """The settings."""


@config.command()
@click.option("--offline", "only_here", is_flag=True, help="Connect to nobody.")
@click.pass_context
def check(context: click.Context, only_here: bool) -> None:
    """Say what's wrong with the settings, and whether what they name can be reached.

    Every problem is told at once, a line for each. Nothing is changed, declared or sent. The exit code is 1
    if something is wrong; warnings alone don't count.
    """
    path: Path = context.meta[CONFIG_VARIABLE]
    checked = check_settings(path)
    checks = [*offline(path, checked, utc_now())]
    if not only_here:
        checks += online(path, checked)
    with _library_logging_disabled():
        levels = [_print_result(result) for result in run(checks)]
    wrong, odd = levels.count(Level.FAILED), levels.count(Level.WARNING)
    click.echo(f"{wrong} wrong, {odd} warning{'' if odd == 1 else 's'}")
    if wrong:
        raise click.exceptions.Exit(1)


@contextmanager
def _library_logging_disabled() -> Iterator[None]:
    """Libraries log what they're refused, which is what we say in a sentence."""
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
