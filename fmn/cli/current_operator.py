"""Who runs a command, as the audit log has it."""

from __future__ import annotations

import os
import pwd


def current_operator(command: str) -> str:
    """The account that runs this process, by its name or else its number, and what it runs."""
    # Not what the environment says, which is whatever somebody likes.
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # as in a container that runs with a number nobody has
        name = f"uid {uid}"
    return f"{name} ({command})"
