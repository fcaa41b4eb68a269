"""The proxy that the playbooks write, made to run beside what it's tried on."""

from __future__ import annotations

import re
from typing import Final

#: Lines about TLS and IPv6.
_UNWANTED: Final = re.compile(r"^ *(ssl_.*|listen \[.*|http2 on);\n", re.MULTILINE)


def without_tls(written: str, domain: str, port: int) -> str:
    """The configuration for ``domain``, listening on a port of 127.0.0.1 and speaking plain HTTP there."""
    here = _UNWANTED.sub("", written)
    # The first server leads to HTTPS. It stays, for a name that nobody asks for.
    here = here.replace(f"server_name {domain};", "server_name redirects.example.org;", 1)
    here = re.sub(r"listen \d+( ssl.*)?;", f"listen 127.0.0.1:{port};", here)
    return here.replace("X-Forwarded-Proto https;", "X-Forwarded-Proto http;")
