"""A backend in a process of its own, which a test can stop: delivers one chunk of mails, and ends.

Its arguments are the database, the mail server's port, for how many seconds it claims, and the deliveries.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta

from fmn.catalog import catalog
from fmn.delivery.backend import Backend
from fmn.delivery.email.channel import EmailChannel
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.retry import RetryPolicy
from fmn.delivery.signed_links import Links
from fmn.infra.db import Database
from tests.factories.databases import MODELS

LINKS = Links("https://fmn.example.org", "a secret of the test")


def a_backend(database: Database, port: int, claim_for: timedelta, connections: int) -> Backend:
    """A backend that sends mails to this port, as a process of an installation has one."""
    settings = EmailSettings(
        host="127.0.0.1", port=port, sender="fmn@example.org", connections=connections, timeout_seconds=5)
    return Backend(
        database, {"email": EmailChannel(settings, LINKS, {})}, catalog().describe, retry=RetryPolicy(),
        claim_for=claim_for, now=database.now)


def main(arguments: Sequence[str]) -> None:
    """Deliver."""
    assert MODELS
    url, port, seconds, connections, *ids = arguments
    database = Database(url)
    with closing(a_backend(
            database, int(port), timedelta(seconds=float(seconds)), int(connections))) as backend:
        backend.deliver("email", [int(each) for each in ids])


if __name__ == "__main__":
    main(sys.argv[1:])
