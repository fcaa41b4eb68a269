"""Configuration check of Redis: login and eviction policy."""

from __future__ import annotations

from typing import Any, Final

import redis

from fmn.settings import CacheSettings
from fmn.settings.check_results import CheckResults, error_text, failed, ok, warning

SUBJECT: Final = "cache"
#: Seconds for an answer.
TIMEOUT_SECONDS: Final = 5.0
#: What Redis does when it's full, if it's used for other things than ours.
_KEEPS_ALL: Final = "noeviction"


def check(settings: CacheSettings) -> CheckResults:
    """Whether Redis accepts FMN, and evicts keys when it's full."""
    if settings.url == "memory://":
        yield ok(SUBJECT, "in the memory of each process")
        return
    try:
        with redis.Redis.from_url(
            settings.url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS,
            decode_responses=True,
        ) as client:
            client.ping()
            yield from _answers(client)
    except redis.AuthenticationError as error:
        yield failed(
            SUBJECT, f"Redis doesn't let us in: {error_text(error)}. See user and password in fmn.cache.url")
    except (redis.RedisError, ValueError) as error:
        yield failed(
            SUBJECT, f"Redis can't be used: {error_text(error)}. Does it run, and is fmn.cache.url right?")


def _answers(client: redis.Redis) -> CheckResults:
    try:
        told: Any = client.info("everything")
    except redis.ResponseError:
        yield ok(SUBJECT, "Redis; it doesn't let us ask how it is")
        return
    if told.get("role") == "slave":
        yield failed(SUBJECT, "Redis is a replica, which can only be read: name the primary in fmn.cache.url")
    elif told.get("maxmemory") and told.get("maxmemory_policy") == _KEEPS_ALL:
        yield warning(
            SUBJECT, "Redis remembers nothing new once it's full: set its maxmemory-policy to allkeys-lru")
    else:
        yield ok(SUBJECT, f"Redis {told.get('redis_version')}")
