"""What all of FMN knows of IRC."""

from __future__ import annotations

from fmn.channels import ChannelCheck, ChannelType, Proof
from fmn.delivery.irc.nicks import parse_nick
from fmn.delivery.irc.settings import IrcSettings
from fmn.settings import Settings
from fmn.settings.check_results import CheckResults


def parse_address(text: str, _settings: Settings) -> str:
    """A nick as it's kept. Raises :class:`ValueError` for what can't be one."""
    return parse_nick(text)


def confirm_command(settings: Settings, code: str) -> str:
    """What somebody types who says a code to our nick."""
    return f"/msg {IrcSettings.of(settings).nick} confirm {code}"


def check_server(settings: Settings) -> CheckResults:
    """Whether the IRC server accepts connections."""
    from fmn.delivery.irc.checks import check_server  # noqa: PLC0415 - only who checks needs it

    return check_server(IrcSettings.of(settings))


ABOUT = ChannelType(
    name="irc", title="IRC", proof=Proof.REPLY, parse_address=parse_address, label="Nick", example="alice",
    markup="colours", confirm_command=confirm_command, persistent=True,
    settings=IrcSettings, checks=(ChannelCheck("IRC server", check_server),))
