"""What PostgreSQL's processes used: time of processors, and bytes of the write-ahead log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from sqlalchemy import text

from fmn.infra.db import Database
from tests.system.process_supervisor import children_of

TICKS: Final = os.sysconf("SC_CLK_TCK")


def busy_seconds(database: Database) -> float:
    """Seconds of processors that PostgreSQL's processes took so far."""
    with database.reading() as session:
        backend = int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())
    postmaster = int(_stat(backend)[1])
    fields = [_stat(pid) for pid in children_of(postmaster)]
    own = _stat(postmaster)
    # Of processes that have ended the first one knows.
    ticks = sum(int(each[11]) + int(each[12]) for each in [own, *fields]) + int(own[13]) + int(own[14])
    return ticks / TICKS


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the process's name: its state, its parent, and so on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def log_position(database: Database) -> float:
    """Position in the write-ahead log, in bytes."""
    with database.reading() as session:
        return float(session.execute(text("SELECT pg_current_wal_insert_lsn() - '0/0'")).scalar_one())
