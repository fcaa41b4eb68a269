"""What all of FMN knows of pagers."""

from __future__ import annotations

import re

from fmn.channels import ChannelType, Proof
from fmn.settings import Settings


def parse_address(text: str, _settings: Settings) -> str:
    """A pager's number as it's kept. Raises :class:`ValueError` for what can't be one."""
    number = text.replace(" ", "")
    if not re.fullmatch("[0-9]{4,12}", number):
        raise ValueError(f"“{text}” isn’t a pager’s number. Write its digits, such as 4711.")
    return number


ABOUT = ChannelType(
    name="pager", title="pager", proof=Proof.CODE, parse_address=parse_address, label="Number",
    example="4711")
