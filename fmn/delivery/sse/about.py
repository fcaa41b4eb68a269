"""What all of FMN knows of the live feed."""

from __future__ import annotations

from fmn.channels import ChannelType, Proof
from fmn.settings import Settings


def parse_address(_text: str, _settings: Settings) -> str:
    """Raises :class:`ValueError`: there's nothing to type."""
    raise ValueError("The live feed goes to your account: it has no addresses.")


ABOUT = ChannelType(
    name="sse", title="the live feed", proof=Proof.ACCOUNT, parse_address=parse_address, markup="links")
