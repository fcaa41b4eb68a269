"""Channel type "irc", for all processes of FMN."""

from __future__ import annotations

from fmn.channels import ChannelCheck, ChannelType, Proof
from fmn.delivery.irc.failures import FAILURES
from fmn.delivery.irc.nicks import parse_nick
from fmn.delivery.irc.settings import IrcSettings
from fmn.settings import Settings
from fmn.settings.check_results import CheckResults
from fmn.translations import mark


def parse_address(text: str, _settings: Settings) -> str:
    """Normalize a nick. Raises :class:`ValueError` for what can't be one."""
    return parse_nick(text)


def confirm_command(settings: Settings, code: str) -> str:
    """The IRC command that sends FMN a code."""
    return f"/msg {IrcSettings.of(settings).nick} confirm {code}"


def check_server(settings: Settings) -> CheckResults:
    """Whether the IRC server accepts connections."""
    from fmn.delivery.irc.checks import check_server  # noqa: PLC0415 - only who checks needs it

    return check_server(IrcSettings.of(settings))


ABOUT = ChannelType(
    name="irc", title="IRC", icon="message-square",
    proof=Proof.REPLY, parse_address=parse_address, label=mark("Nick"), example="alice",
    markup=mark("colours"), confirm_command=confirm_command, persistent=True,
    settings=IrcSettings, checks=(ChannelCheck("IRC server", check_server),), failures=FAILURES)
