from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.extra_channels import other_channels


@pytest.fixture
def codes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Channels are installed in which addresses are confirmed by codes."""
    with other_channels(tmp_path_factory.mktemp("channels")):
        yield
