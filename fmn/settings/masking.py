"""Masking of passwords in URLs, for logs and error messages."""

from __future__ import annotations

import re
from typing import Final

#: What stands for a secret.
MASK: Final = "…"
#: From the user's name, if there's one, to the last @ of the word. A password that isn't quoted as it should
#: be may have any character in it, an @ or a slash too; rather too much is left out than too little.
_LOGIN: Final = re.compile(r"(?<=://)(?P<user>[^:/?#@\s]*):\S*@")
#: A password among the parameters, as PostgreSQL and Redis take them.
_PARAMETER: Final = re.compile(r"(?<=[?&])(?P<name>[^=&\s]*password[^=&\s]*)=[^&\s'\"]*", re.IGNORECASE)


def masked(text: str) -> str:
    """The text with ``…`` instead of the passwords in its URLs."""
    # Most of what is logged has neither, which is seen in a tenth of the time.
    if "://" in text:
        text = _LOGIN.sub(rf"\g<user>:{MASK}@", text)
    return _PARAMETER.sub(rf"\g<name>={MASK}", text) if "=" in text else text
