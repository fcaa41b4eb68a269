"""Settings of what a process tells those who watch over it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from fmn.settings.field_types import Section, is_address


def _nowhere_or_address(value: str) -> str:
    return is_address(value) if value else value


class MetricsSettings(Section):
    """Where a process tells Prometheus and supervisors how it is; nowhere if ``listen`` is empty."""

    listen: Annotated[str, AfterValidator(_nowhere_or_address)] = ""
