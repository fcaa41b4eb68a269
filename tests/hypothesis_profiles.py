"""Profiles of hypothesis: ``quick``, as in ``make test``, and ``thorough``, with four times the examples.

``HYPOTHESIS_PROFILE=thorough make test`` searches thoroughly. Every run tries other examples, so many quick
runs find what a thorough one finds. CI tries the same ones every time: its answer is about a change, which
isn't to be refused for what has been wrong for long.
"""

from __future__ import annotations

import os
from typing import Final

import hypothesis

#: The profile of this run.
PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE", "quick")
#: Examples in a thorough run of a property that doesn't say how many: hypothesis's own default.
USUAL: Final = 100
#: A quick run has a quarter of the examples, but no fewer than these.
SHARE, FEWEST = 4, 5


def scaled(thorough: int) -> int:
    """Return how many examples this run has of what has ``thorough`` in a thorough one."""
    return thorough if PROFILE == "thorough" else min(thorough, max(FEWEST, thorough // SHARE))


def load(*, in_ci: bool) -> None:
    """Load the profile. In CI every run is the same, and what fails is printed such that it can be replayed.

    Deadlines and checks of how fast examples are made are off: both measure what else the machine does.
    """
    for name in ("quick", "thorough"):
        hypothesis.settings.register_profile(
            name, max_examples=scaled(USUAL), deadline=None, derandomize=in_ci, print_blob=in_ci,
            suppress_health_check=[hypothesis.HealthCheck.too_slow])
    hypothesis.settings.load_profile(PROFILE)
