"""What a process leaves when it exits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

#: Uses a database and exits without closing it, as commands do.
PROGRAM = """
import sys
from sqlalchemy import text
from fmn.infra.db import Database

database = Database(f"sqlite:///{sys.argv[1]}")
with database.transaction() as session:
    session.execute(text("CREATE TABLE things (id INTEGER)"))
"""


def test_a_process_leaves_no_log_beside_its_sqlite_database(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", PROGRAM, tmp_path / "fmn.sqlite"], check=True)

    assert [file.name for file in tmp_path.iterdir()] == ["fmn.sqlite"]
