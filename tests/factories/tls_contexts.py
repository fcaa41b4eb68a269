"""TLS contexts that read the list of authorities once a process, not once a client."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

import pytest


@contextmanager
def shared_tls_contexts() -> Iterator[None]:
    """Let clients of httpx and its successor that trust the usual authorities share a context.

    Each ``httpx.get()`` makes a client, and each client would read 140 certificates, for 24 ms.
    """
    with pytest.MonkeyPatch.context() as patch:
        for library in ("httpx", "httpx2"):
            patch.setattr(f"{library}._transports.default.create_ssl_context", _sharing(library))
        yield


def _sharing(library: str) -> Callable[..., ssl.SSLContext]:
    make = import_module(f"{library}._config").create_ssl_context
    usual = cache(make)

    def create_ssl_context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        is_usual = verify is True and cert is None
        made = usual(trust_env=trust_env) if is_usual else make(verify, cert, trust_env)
        assert isinstance(made, ssl.SSLContext)
        return made

    return create_ssl_context
