"""The command line: ``fmn COMMAND``. Each command reads its arguments and calls a room below."""

from __future__ import annotations

from pathlib import Path

import click

from fmn.bus.errors import BusError
from fmn.cache import CacheUrlError
from fmn.catalog.registry import CatalogError
from fmn.cli.bounce import TryAgainError, bounce
from fmn.cli.catalog import catalog
from fmn.cli.database import database
from fmn.cli.mailbox import mailbox
from fmn.cli.prefs import prefs
from fmn.cli.processes import backend, consumer, scheduler, worker
from fmn.cli.publish import publish
from fmn.cli.rules import rules
from fmn.cli.sse import sse
from fmn.cli.up import up
from fmn.cli.why import why
from fmn.directory import DirectoryUnavailableError
from fmn.settings import CONFIG_VARIABLE, SettingsError, load_settings

#: Commands about what every installation knows.
NEED_NO_SETTINGS = frozenset({"catalog", "rules"})


#: What users and administrators can mend; the text says what's wrong.
MISTAKES = (SettingsError, BusError, CacheUrlError, DirectoryUnavailableError, CatalogError)


class Commands(click.Group):
    """Commands whose users get one sentence for their mistakes, not a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except MISTAKES as error:
            # A mail server that ran into a mistake in our settings mustn't throw away what it had for us.
            kind = TryAgainError if ctx.invoked_subcommand == bounce.name else click.ClickException
            raise kind(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), envvar=CONFIG_VARIABLE,
    default=Path("development.ini"), show_default=True, help=f"The ini file; {CONFIG_VARIABLE} names it too.")
@click.pass_context
def main(context: click.Context, config: Path) -> None:
    """FMN tells people which of the messages on a project's bus concern them."""
    if context.invoked_subcommand not in NEED_NO_SETTINGS:
        context.obj = load_settings(config)
    context.meta[CONFIG_VARIABLE] = config.resolve()


for command in (
    up, consumer, worker, backend, scheduler, sse, publish, database, mailbox, prefs, catalog, rules, why,
    bounce,
):
    main.add_command(command)
