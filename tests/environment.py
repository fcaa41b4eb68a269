"""The process environment of tests and of what they start: the same however somebody starts the tests."""

from __future__ import annotations

import locale
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

#: What everybody may read and only we may write. A caller's 077 would close files to servers' own users.
UMASK = 0o022
LOCALE = "C.UTF-8"
TIME_ZONE = "UTC"
#: What a proxy isn't asked for: the servers of tests.
HERE = "localhost,127.0.0.1,::1"
#: Variables of a caller that would change what clients, servers and commands do; a prefix each. Without
#: bytecode, hundreds of processes would compile all of FMN anew.
LEFT_OUT = (
    "LC_", "LANGUAGE", "COLUMNS", "FORCE_COLOR", "PG", "RABBITMQ_", "ANSIBLE_", "FMN_",
    "PYTHONDONTWRITEBYTECODE")
#: A folder whose files are memory: no commit of SQLite, RabbitMQ or the spool waits for a disk there.
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - who makes files in it makes folders of their own
#: Bytes that have to be free in it. Five processes' servers and files take most of it.
ENOUGH_MEMORY: Final = 4 << 30
#: Ignored by Python itself, which gives programs that it starts the default again.
IGNORED_BY_PYTHON = frozenset({signal.SIGPIPE, signal.SIGXFSZ})


def set_environment() -> None:
    """Set umask, locale, time zone, variables and the folder of files of this process and its children.

    Files are in memory where there's enough of it, unless the caller says where with ``TMPDIR``.
    """
    os.umask(UMASK)
    for name in list(os.environ):
        if name.startswith(LEFT_OUT):
            del os.environ[name]
    sys.dont_write_bytecode = False
    os.environ.update(LC_ALL=LOCALE, LANG=LOCALE, TZ=TIME_ZONE, NO_PROXY=HERE, no_proxy=HERE)
    locale.setlocale(locale.LC_ALL, LOCALE)
    time.tzset()
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = os.fspath(MEMORY)


def _has_room(folder: Path) -> bool:
    """Return whether the folder is there, has room for tests' files, and lets programs be run from it."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= ENOUGH_MEMORY and not found.f_flag & os.ST_NOEXEC


def reset_signals() -> None:
    """Give children the default action of each signal; this process itself goes on ignoring what it ignored.

    A script's ``&`` ignores SIGINT, and ``nohup`` SIGHUP, for whatever is started. Children inherit that a
    signal is ignored, but no handler: hence one that does nothing.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in signal.valid_signals() - IGNORED_BY_PYTHON:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _do_nothing)


def _do_nothing(number: int, frame: object) -> None:
    """Handle a signal that whoever started us wants to be ignored."""
