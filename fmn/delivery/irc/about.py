"""What all of FMN knows of IRC."""

from __future__ import annotations

from fmn.channels import ChannelType, Proof
from fmn.delivery.irc.nicks import read_nick
from fmn.settings import Settings


def read_address(text: str, _settings: Settings) -> str:
    """A nick as it's kept. Raises :class:`ValueError` for what can't be one."""
    return read_nick(text)


def say(settings: Settings, code: str) -> str:
    """What somebody types who says a code to our nick."""
    return f"/msg {settings.irc.nick} confirm {code}"


ABOUT = ChannelType(
    name="irc", title="IRC", proof=Proof.SAID, read_address=read_address, label="Nick", example="alice",
    markup="colours", say=say, stays=True)
