"""The operator who runs a command, for the audit log."""

from __future__ import annotations

import os
import pwd


def current_operator(command: str) -> str:
    """The system account that runs this process, by name or else by uid, and the command it runs."""
    # Not what the environment says, which is whatever somebody likes.
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # as in a container that runs with a number nobody has
        name = f"uid {uid}"
    return f"{name} ({command})"
