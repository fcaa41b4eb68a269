from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fmn.settings.loader import CheckedSettings, check_settings

#: What a site has to put in, and nothing else.
SITE: Mapping[str, str] = {
    "fmn.database.url": "postgresql://fmn:secret@127.0.0.1/fmn",
    "fmn.broker.url": "amqp://fmn:secret@127.0.0.1/fmn",
    "fmn.cache.url": "redis://127.0.0.1/0",
    "fmn.bus.endpoints": "tcp://hub.ours.test:9940",
    "fmn.bus.ca_file": "/etc/fmn/ca.crt",
    "fmn.bus.crl_file": "/etc/fmn/ca.crl",
    "fmn.email.sender": "fmn@ours.test",
    "fmn.web.base_url": "https://fmn.ours.test",
    "fmn.web.secret": "0123456789abcdef0123456789abcdef",
    "fmn.web.administrators": "root",
    "fmn.oidc.issuer": "https://id.ours.test",
    "fmn.oidc.client_id": "fmn",
}

Examine = Callable[..., CheckedSettings]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where the ini file of :func:`examine` is."""
    return tmp_path / "fmn.ini"


@pytest.fixture
def examine(config: Path) -> Examine:
    """Reads the settings of a site that has nothing wrong, but for what's given as ``section__name``."""
    def read(environ: Mapping[str, str] | None = None, **other: str) -> CheckedSettings:
        changed = {f"fmn.{name.replace('__', '.')}": value for name, value in other.items()}
        lines = [f"{key} = {value}" for key, value in {**SITE, **changed}.items()]
        config.write_text("\n".join(["[app:main]", *lines]), encoding="utf-8")
        config.chmod(0o640)
        return check_settings(config, environ or {})

    return read
