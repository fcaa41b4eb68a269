"""How a command ends that couldn't do what it was for."""

from __future__ import annotations

import os

import click


class TemporaryFailureError(click.ClickException):
    """It can't be done now. Mail servers keep a mail for some days then, and show their postmaster why."""

    #: What a command ends with to be given the same once more, later (sysexits.h).
    exit_code = os.EX_TEMPFAIL
