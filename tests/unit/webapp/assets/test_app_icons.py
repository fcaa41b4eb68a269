"""PNGs of the app's icon."""

from __future__ import annotations

import pytest

from webapp.assets.app_icons import STATIC, VARIANTS, render


@pytest.mark.parametrize("name", VARIANTS)
def test_they_are_made_of_the_svg_that_is_there(name: str) -> None:
    # Otherwise: `make assets`
    assert (STATIC / name).read_bytes() == render(VARIANTS[name])
