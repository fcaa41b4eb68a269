"""Registry of installed channels: their types, addresses, settings and checks.

A channel is a folder, usually one of :mod:`fmn.delivery`, that an entry point of the group ``fmn.channels``
names. Its module ``about`` has ``ABOUT``, a :class:`ChannelType`; its module ``channel``, which only who
delivers needs, has ``open_channel``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final

from fmn.settings import ChannelSettings, Settings
from fmn.settings.check_results import CheckResults
from fmn.settings.installed_channels import channel_module, channel_names
from fmn.translations import gettext, mark


class Proof(StrEnum):
    """How somebody proves that an address is theirs."""

    #: A link is sent there, and whoever opens it confirms the address.
    LINK = "link"
    #: A code is sent there, which they type into the web app.
    CODE = "code"
    #: The web app shows a code, which they send us from there.
    REPLY = "said"
    #: There's nothing to show: the account itself is the address.
    ACCOUNT = "account"


@dataclass(frozen=True)
class ChannelCheck:
    """A check that ``fmn config check`` runs for an enabled channel, unless it's told to connect to nothing.

    ``subject`` is what the check is about, such as "mail server". ``run`` connects and yields results; it has
    15 seconds, changes nothing and sends nothing. It isn't run if a setting of the channel is invalid.
    """

    subject: str
    run: Callable[[Settings], CheckResults]


@dataclass(frozen=True)
class ChannelType:
    """Type of a channel: what every process knows of it. ``name`` is its context.

    ``title`` is the channel's name within a sentence, as in "by e-mail". ``parse_address`` normalizes what
    somebody typed, and raises :class:`ValueError` with a whole sentence for what isn't an address; ``label``
    and ``example`` describe the field. ``mask`` returns an address without its secrets. ``markup`` names the
    markup that people can choose, such as "HTML", ``""`` for none. With ``mime_digests`` people can choose
    digests with a message for each notification. ``confirm_command`` returns the line that somebody sends FMN
    to confirm an address. ``input_type`` is the HTML input type of an address, "email" or "url", "hidden" if
    nobody can type one. ``secret`` returns the secret with which an address's owner verifies requests, by the
    preference's id; nobody else sees it. A ``persistent`` channel is connected all the time, see
    :class:`~fmn.delivery.contract.PersistentChannel`. ``settings`` is the channel's section of settings,
    ``fmn.<name>.*``, ``None`` without any. ``icon`` is one of the web app's. ``checks`` are what
    ``fmn config check`` runs for it. ``repair`` says what to do about an address that was switched off,
    ``""`` if people confirm it again. ``failures`` are sentences with which its deliveries fail, marked to be
    translated, with placeholders such as ``{answer}``: rows keep them in English, and pages translate them.
    """

    name: str
    title: str
    proof: Proof
    parse_address: Callable[[str, Settings], str]
    label: str = "Address"
    example: str = ""
    mask: Callable[[str], str] = str
    markup: str = ""
    mime_digests: bool = False
    confirm_command: Callable[[Settings, str], str] = lambda _settings, code: f"confirm {code}"
    input_type: str = ""
    icon: str = "bell"
    secret: Callable[[Settings, int, str], str] | None = None
    persistent: bool = False
    settings: type[ChannelSettings] | None = None
    checks: tuple[ChannelCheck, ...] = ()
    repair: str = ""
    failures: tuple[str, ...] = ()


#: Characters of an address that the database keeps.
MAX_ADDRESS_LENGTH: Final = 1_000
#: How addresses are shown of a channel that isn't installed: only it knows what of them is secret.
UNINSTALLED_CHANNEL_ADDRESS: Final = mark("an address of a channel that isn’t installed")
#: Seconds between tasks that show which backend of a channel is the active one, and keep a persistent channel
#: connected; and for how many seconds one task counts.
KEEP_CONNECTED_INTERVAL: Final = 30
KEEP_CONNECTED_FOR: Final = 3 * KEEP_CONNECTED_INTERVAL


def keep_connected_job(context: str, partition: int = 0) -> str:
    """Name of the scheduler's job, and of its actor, that keeps a partition of a channel connected."""
    return in_partition(f"presence_{context}", partition)


def in_partition(name: str, partition: int) -> str:
    """Name of something that each partition of a channel has; the first has what there is without any."""
    return f"{name}.{partition}" if partition else name


@cache
def channel_types() -> Mapping[str, ChannelType]:
    """All installed channels, by name, e-mail first."""
    found = {name: channel_module(name, "about").ABOUT for name in channel_names()}
    return {name: found[name] for name in sorted(found, key=lambda name: (name != "email", name))}


def channel_type(context: str) -> ChannelType:
    """The channel type of a context. Raises :class:`KeyError` if it isn't installed."""
    return channel_types()[context]


def proof_in(context: str) -> Proof | None:
    """How addresses of a context are confirmed, ``None`` if its channel isn't installed."""
    about = channel_types().get(context)
    return about.proof if about else None


def channel_title(context: str) -> str:
    """The channel's name within a sentence; the context if it isn't installed."""
    about = channel_types().get(context)
    return gettext(about.title) if about else context


def repair_hint(context: str) -> str:
    """What people do about an address that was switched off; ``""`` where they confirm it again."""
    about = channel_types().get(context)
    return gettext(about.repair) if about and about.repair else ""


def mask_address(context: str, address: str) -> str:
    """An address without its secrets, as people, logs and administrators see it."""
    about = channel_types().get(context)
    return about.mask(address) if about else gettext(UNINSTALLED_CHANNEL_ADDRESS)


def channel_opener(context: str) -> Callable[..., Any]:
    """The ``open_channel`` of a context.

    It takes :class:`~fmn.delivery.contract.ChannelContext` and returns a
    :class:`~fmn.delivery.contract.Channel`, not connected to anything yet.
    """
    found: Callable[..., Any] = channel_module(context, "channel").open_channel
    return found
