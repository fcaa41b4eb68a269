from __future__ import annotations

import pytest

from tests.vectors.signing import SigningBus, make_signing_bus


@pytest.fixture(scope="session")
def signing_bus(tmp_path_factory: pytest.TempPathFactory) -> SigningBus:
    return make_signing_bus(tmp_path_factory.mktemp("bus"))
