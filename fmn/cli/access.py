"""``fmn access``: taking away what opens FMN to people and programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from fmn.administration import account_binding
from fmn.administration.access_revocation import end_sessions, revoke_tokens
from fmn.cli.current_operator import current_operator
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.wiring import Services

COMMAND: Final = "fmn access"
Command = TypeVar("Command", bound=Callable[..., Any])


def _user_argument(command: Command) -> Command:
    command = click.option("--everybody", is_flag=True, help="Of all people.")(command)
    return click.argument("nick", required=False)(command)


@click.group()
def access() -> None:
    """What opens FMN to people and programs."""


@access.command("revoke-tokens")
@_user_argument
@click.pass_obj
def revoke(settings: Settings, nick: str | None, *, everybody: bool) -> None:
    """Revoke all API tokens of NICK. Programs that use them get in no more."""
    _check(nick, everybody=everybody)
    with Services(settings).database.transaction() as session:
        count = revoke_tokens(session, current_operator(COMMAND), nick)
    click.echo(f"{pluralize(count, 'token')} revoked.")


@access.command("sign-out")
@_user_argument
@click.pass_obj
def sign_out(settings: Settings, nick: str | None, *, everybody: bool) -> None:
    """Sign NICK out everywhere."""
    _check(nick, everybody=everybody)
    with Services(settings).database.transaction() as session:
        count = end_sessions(session, current_operator(COMMAND), nick)
    click.echo(f"{pluralize(count, 'person', 'people')} signed out.")


@access.command()
@_user_argument
@click.pass_obj
def unbind(settings: Settings, nick: str | None, *, everybody: bool) -> None:
    """Let the next who signs in as NICK have the account, whoever had it.

    For everybody after fmn.oidc.issuer has become another one, if nicks mean the same people there.
    """
    _check(nick, everybody=everybody)
    with Services(settings).database.transaction() as session:
        count = account_binding.unbind_accounts(session, current_operator(COMMAND), nick)
    click.echo(f"{pluralize(count, 'account')} unbound.")


@access.command()
@click.argument("nick")
@click.argument("new")
@click.pass_obj
def rename(settings: Settings, nick: str, new: str) -> None:
    """Call the account NICK what NEW says, such as one that is "mary (former)"."""
    with Services(settings).database.transaction() as session:
        account_binding.rename_account(session, current_operator(COMMAND), nick, new)
    click.echo(f"{nick} is called {new} now.")


@access.command()
@click.argument("nick")
@click.pass_obj
def trust(settings: Settings, nick: str) -> None:
    """Let fmn.web.administrators mean whoever was given NICK anew, too."""
    with Services(settings).database.transaction() as session:
        account_binding.trust_nick(session, current_operator(COMMAND), nick)
    click.echo(f"{nick} counts as what settings say of {nick}.")


def _check(nick: str | None, *, everybody: bool) -> None:
    if (nick is None) != everybody:
        raise click.UsageError("name a person, or say --everybody")
