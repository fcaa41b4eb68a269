"""``fmn access``: revokes tokens, ends sessions, and settles which person owns an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from fmn.administration import account_binding
from fmn.administration.access_revocation import end_sessions, revoke_tokens
from fmn.cli.command_group import CommandGroup
from fmn.cli.current_operator import current_operator
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.wiring import Services

COMMAND: Final = "fmn access"
Command = TypeVar("Command", bound=Callable[..., Any])


def _user_argument(command: Command) -> Command:
    command = click.option("--everybody", is_flag=True, help="Apply to all users.")(command)
    return click.argument("nick", metavar="[USER]", required=False)(command)


@click.group(cls=CommandGroup)
def access() -> None:
    """Revoke tokens, end sessions, and settle who owns an account."""


@access.command("revoke-tokens")
@_user_argument
@click.pass_obj
def revoke(settings: Settings, nick: str | None, *, everybody: bool) -> None:
    """Revoke all API tokens of USER. Programs that use them lose access at once."""
    _check(nick, everybody=everybody)
    with Services(settings).database.transaction() as session:
        count = revoke_tokens(session, current_operator(COMMAND), nick)
    click.echo(f"{pluralize(count, 'token')} revoked.")


@access.command("sign-out")
@_user_argument
@click.pass_obj
def sign_out(settings: Settings, nick: str | None, *, everybody: bool) -> None:
    """End all sessions of USER, in every browser."""
    _check(nick, everybody=everybody)
    with Services(settings).database.transaction() as session:
        count = end_sessions(session, current_operator(COMMAND), nick)
    click.echo(f"{pluralize(count, 'user')} signed out.")


@access.command()
@_user_argument
@click.pass_obj
def unbind(settings: Settings, nick: str | None, *, everybody: bool) -> None:
    """Unbind USER's account from its sign-in identity. The next to sign in as USER gets the account.

    Use --everybody after a change of fmn.oidc.issuer, if the new provider names people alike.
    """
    _check(nick, everybody=everybody)
    with Services(settings).database.transaction() as session:
        count = account_binding.unbind_accounts(session, current_operator(COMMAND), nick)
    click.echo(f"{pluralize(count, 'account')} unbound.")


@access.command()
@click.argument("nick", metavar="USER")
@click.argument("new")
@click.pass_obj
def rename(settings: Settings, nick: str, new: str) -> None:
    """Rename the account USER to NEW, for example to "mary (former)"."""
    with Services(settings).database.transaction() as session:
        account_binding.rename_account(session, current_operator(COMMAND), nick, new)
    click.echo(f"Renamed {nick} to {new}.")


@access.command()
@click.argument("nick", metavar="USER")
@click.pass_obj
def trust(settings: Settings, nick: str) -> None:
    """Let fmn.web.administrators apply to the person who now has the name USER."""
    with Services(settings).database.transaction() as session:
        account_binding.trust_nick(session, current_operator(COMMAND), nick)
    click.echo(f"fmn.web.administrators now applies to the person who has the name {nick}.")


def _check(nick: str | None, *, everybody: bool) -> None:
    if (nick is None) != everybody:
        raise click.UsageError("name a USER or use --everybody")
