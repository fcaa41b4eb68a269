"""``fmn bounce``: records a bounced mail from the mail server. docs/how-to/bounces has the set-up."""

from __future__ import annotations

import sys
from typing import Final

import click

from fmn.cli.temporary_failure import TemporaryFailureError
from fmn.delivery.bounces import record_bounce
from fmn.delivery.email.bounce_reports import LONGEST
from fmn.infra.clock import utc_now
from fmn.infra.logs import configure_logging
from fmn.settings import Settings, SettingsError
from fmn.text import shorten
from fmn.wiring import Services

#: Bytes per read of the rest of a mail that is too long.
_AT_ONCE: Final = 1_000_000
#: Characters of an error's text.
_LONGEST_REASON: Final = 300


@click.command()
@click.option(
    "--recipient", "recipients", multiple=True, metavar="ADDRESS",
    help="The envelope's recipient. Default: the one in the mail's header.")
@click.pass_obj
def bounce(settings: Settings, recipients: tuple[str, ...]) -> None:
    """Record a bounced mail, read from standard input.

    For mail servers, which pass on what is sent to fmn.email.bounce_address. Exits with 0 if the mail is done
    with, also if it's no bounce, and with 75 if the mail server should try again later.
    """
    configure_logging(settings.log)
    content = _read_all()
    try:
        services = Services(settings)
        addresses = services.return_addresses
        with services.database.transaction() as session:
            record_bounce(session, content, recipients, addresses, utc_now(), settings.bounce)
    except SettingsError:
        raise  # its text is complete
    except Exception as error:
        # Whatever the error, the mail server must keep the mail and try again. It would send a traceback to
        # nobody.
        why = shorten(f"{type(error).__name__}: {error}", _LONGEST_REASON)
        raise TemporaryFailureError(f"the mail can't be processed now: {why}") from error


def _read_all() -> bytes:
    """The first bytes of standard input. The rest is read and dropped, so that the writer gets no error."""
    content = sys.stdin.buffer.read(LONGEST)
    while sys.stdin.buffer.read(_AT_ONCE):
        pass
    return content
