"""Installed channels, by the entry points of the group ``fmn.channels``, and the settings they bring.

A channel's modules are imported by name, when they are asked for: channels import :mod:`fmn.settings`, not
the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from fmn.errors import OperatorError
from fmn.plugins import plugins
from fmn.settings.sections import CHANNEL_ENTRY_POINTS, ChannelSettings, Settings


def channel_names() -> frozenset[str]:
    """Names of the installed channels, which are their contexts."""
    return frozenset(plugins(CHANNEL_ENTRY_POINTS).names)


def channel_module(name: str, module: str) -> Any:
    """A module in the folder of an installed channel, such as ``about``."""
    [point] = plugins(CHANNEL_ENTRY_POINTS).select(name=name)
    return import_module(f"{point.value}.{module}")


def channel_sections() -> Mapping[str, type[ChannelSettings]]:
    """The sections of all installed channels that have settings, by the channels' names.

    Raises :class:`~fmn.errors.OperatorError` if a channel has the name of one of FMN's own sections.
    """
    found = {name: channel_module(name, "about").ABOUT.settings for name in sorted(channel_names())}
    sections = {name: section for name, section in found.items() if section is not None}
    if taken := sections.keys() & Settings.model_fields.keys():
        raise OperatorError(
            f"The channel {min(taken)} can't have settings: fmn.{min(taken)}.* are FMN's own. "
            "Give the channel another name")
    return sections
