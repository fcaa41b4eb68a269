"""``fmn config``: whether the settings can be used."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from fmn.config_check.check_list import offline, online
from fmn.config_check.results import Finding, Level
from fmn.config_check.runner import run
from fmn.infra.clock import utc_now
from fmn.settings import CONFIG_VARIABLE
from fmn.settings.loader import examine_settings

#: How findings are marked on a terminal.
_COLOURS: Final = {Level.OK: "green", Level.WARNING: "yellow", Level.WRONG: "red"}


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
    examined = examine_settings(path)
    checks = [*offline(path, examined, utc_now())]
    if not only_here:
        checks += online(path, examined)
    with _told_by_us_alone():
        levels = [_say(finding) for finding in run(checks)]
    wrong, odd = levels.count(Level.WRONG), levels.count(Level.WARNING)
    click.echo(f"{wrong} wrong, {odd} warning{'' if odd == 1 else 's'}")
    if wrong:
        raise click.exceptions.Exit(1)


@contextmanager
def _told_by_us_alone() -> Iterator[None]:
    """Libraries log what they're refused, which is what we say in a sentence."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)


def _say(finding: Finding) -> Level:
    mark = click.style(f"{finding.level:<8}", fg=_COLOURS[finding.level])
    click.echo(f"{mark} {finding.thing:<12} {finding.sentence}")
    return finding.level
