"""Error of a command that its caller should run again later."""

from __future__ import annotations

import os

import click


class TemporaryFailureError(click.ClickException):
    """A failure that may pass. Mail servers keep the mail for some days and show their postmaster why."""

    #: Exit code that asks the caller to try again later (sysexits.h).
    exit_code = os.EX_TEMPFAIL
