"""The command line: ``fmn COMMAND``. Each command reads its arguments and calls a room below."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

import click

from fmn.cli.temporary_failure import TemporaryFailureError
from fmn.errors import OperatorError
from fmn.settings import CONFIG_VARIABLE, load_settings

#: The commands, and the modules that have them. Only the one that's asked for is imported: together they take
#: far longer than what some of them do.
COMMANDS: Final[Mapping[str, str]] = {
    "up": "up", "consumer": "processes", "worker": "processes", "backend": "processes",
    "scheduler": "processes", "sse": "sse", "publish": "publish", "db": "database", "mailbox": "mailbox",
    "status": "status", "prefs": "prefs", "catalog": "catalog", "rules": "rules", "why": "why",
    "trace": "trace",
    "config": "config", "access": "access", "bounce": "bounce", "catchup": "catchup",
    "deliveries": "deliveries", "messages": "messages", "index": "index", "import-fmn2": "import_fmn2",
}
#: Commands about what every installation knows, and one that says what's wrong with settings.
NEED_NO_SETTINGS = frozenset({"catalog", "rules", "config"})
#: Where a mistake in our settings mustn't make the mail server throw away what it had for us.
RETRIED_BY_CALLER = frozenset({"bounce"})


class Commands(click.Group):
    """Commands whose users get one sentence for their mistakes, not a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"{__name__}.{COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return found

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except OperatorError as error:
            retried = ctx.invoked_subcommand in RETRIED_BY_CALLER
            kind = TemporaryFailureError if retried else click.ClickException
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
