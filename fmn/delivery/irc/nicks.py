"""Nicks on IRC, which are the addresses there. Pure."""

from __future__ import annotations

from fmn.delivery.irc.settings import IRC_NICK
from fmn.translations import gettext


def is_nick(text: str) -> bool:
    """Whether a text is a valid nick."""
    return IRC_NICK.fullmatch(text) is not None


def folded(nick: str) -> str:
    """A nick in lower case, as it's stored and compared.

    Some networks hold ``[`` and ``{`` for the same letter as well, others don't. Taking them for different
    ones is safe on both: services say who the owner is.
    """
    return nick.lower()


def parse_nick(text: str) -> str:
    """Parse a nick from what somebody typed. Raises :class:`ValueError` with a sentence."""
    nick = text.strip()
    if not is_nick(nick):
        raise ValueError(gettext(
            "“{nick}” can’t be a nick on IRC: up to 30 letters, digits and {marks}, "
            "without a digit or a hyphen in front.").format(nick=nick, marks="-_[]{}\\|^`"))
    return folded(nick)
