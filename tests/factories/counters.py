"""What FMN has counted so far, as Prometheus would read it."""

from __future__ import annotations

from prometheus_client import REGISTRY


def counted(name: str, **labels: str) -> float:
    """The value of a counter of :mod:`fmn.infra.metrics`; 0 if nothing was counted yet."""
    return REGISTRY.get_sample_value(f"{name}_total", labels) or 0.0
