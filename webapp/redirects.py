"""Safe redirects: targets from a request are followed only within this site."""

from __future__ import annotations

import re
from typing import Final

#: Characters of the longest place that's remembered.
MAX_PATH_LENGTH: Final = 400
#: A path of this site. Browsers take a second slash for another site's name, and a backslash for a slash;
#: they leave out blanks and what can't be printed before they look.
_LOCAL_PATH: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def safe_redirect(wanted: str) -> str | None:
    """The wanted target if it's a path of this site, or ``None``."""
    return wanted if len(wanted) <= MAX_PATH_LENGTH and _LOCAL_PATH.fullmatch(wanted) else None
