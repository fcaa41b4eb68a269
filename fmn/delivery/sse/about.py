"""Channel type "sse" (the live feed), for all processes of FMN."""

from __future__ import annotations

from fmn.channels import ChannelCheck, ChannelType, Proof
from fmn.delivery.sse.settings import SseSettings
from fmn.settings import Settings
from fmn.settings.check_results import CheckResults
from fmn.translations import gettext, mark


def parse_address(_text: str, _settings: Settings) -> str:
    """Raises :class:`ValueError`: there's nothing to type."""
    raise ValueError(gettext("The live feed goes to your account: it has no addresses."))


def check_address(settings: Settings) -> CheckResults:
    """Whether the live feed's process can listen at its address."""
    from fmn.infra import listen_addresses  # noqa: PLC0415 - only who checks needs it

    return listen_addresses.check("live feed", "fmn.sse.listen", SseSettings.of(settings).listen)


ABOUT = ChannelType(
    name="sse", title=mark("the live feed"), icon="radio",
    proof=Proof.ACCOUNT, parse_address=parse_address, markup=mark("links"),
    settings=SseSettings, checks=(ChannelCheck("live feed", check_address),))
