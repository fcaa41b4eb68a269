"""Base64 for URLs without padding, as all of Web Push writes bytes (RFC 4648 section 5)."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]*")


def encode(data: bytes) -> str:
    """Bytes as text."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Text as bytes. Raises :class:`ValueError` for other characters; padding may be there."""
    text = text.rstrip("=")
    if not _SHAPE.fullmatch(text):
        raise ValueError("not base64url")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
