"""The channel type "pager": its name, addresses, settings and checks, for all processes of FMN."""

from __future__ import annotations

import re

from fmn.channels import ChannelCheck, ChannelType, Proof
from fmn.settings import Settings
from fmn.settings.check_results import CheckResults

from fmn_pager.settings import PagerSettings


def parse_address(text: str, _settings: Settings) -> str:
    """The digits of a pager number. Raises :class:`ValueError`, with a sentence for the user, for others."""
    number = text.replace(" ", "")
    if not re.fullmatch("[0-9]{4,12}", number):
        raise ValueError(f"“{text}” isn’t a pager’s number. Write its digits, such as 4711.")
    return number


def check_server(settings: Settings) -> CheckResults:
    """Whether the pager server accepts connections."""
    from fmn_pager import checks  # noqa: PLC0415 - only `fmn config check` needs it

    return checks.check_server(PagerSettings.of(settings))


ABOUT = ChannelType(
    name="pager", title="pager", proof=Proof.CODE, parse_address=parse_address, label="Number",
    example="4711", settings=PagerSettings, checks=(ChannelCheck("pager server", check_server),))
