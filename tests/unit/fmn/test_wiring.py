"""What a process works with."""

from __future__ import annotations

import pytest

from fmn.infra.redis_token_buckets import RedisTokenBuckets
from fmn.infra.token_buckets import MemoryTokenBuckets, TokenBuckets
from fmn.settings import CacheSettings, Settings
from fmn.wiring import Services


@pytest.mark.parametrize(("url", "kind"), [
    ("memory://", MemoryTokenBuckets), ("redis://127.0.0.1:1/0", RedisTokenBuckets)])
def test_the_token_buckets_are_where_the_cache_is(url: str, kind: type[TokenBuckets]) -> None:
    services = Services(Settings(cache=CacheSettings(url=url)))

    assert isinstance(services.buckets, kind)
