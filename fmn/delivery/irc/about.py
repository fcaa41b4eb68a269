"""What all of FMN knows of IRC."""

from __future__ import annotations

from fmn.channels import ChannelType, Proof
from fmn.delivery.irc.nicks import parse_nick
from fmn.settings import Settings


def parse_address(text: str, _settings: Settings) -> str:
    """A nick as it's kept. Raises :class:`ValueError` for what can't be one."""
    return parse_nick(text)


def confirm_command(settings: Settings, code: str) -> str:
    """What somebody types who says a code to our nick."""
    return f"/msg {settings.irc.nick} confirm {code}"


ABOUT = ChannelType(
    name="irc", title="IRC", proof=Proof.REPLY, parse_address=parse_address, label="Nick", example="alice",
    markup="colours", confirm_command=confirm_command, persistent=True)
