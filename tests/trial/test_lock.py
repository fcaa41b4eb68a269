"""What `make lock` wrote installs, with hashes, from the package index, on this machine's Python."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[2]


def test_each_locked_release_is_what_the_index_has(tmp_path: Path) -> None:
    # As the playbooks do it: nothing is built, and nothing is taken whose hash isn't in the lock
    venv.create(tmp_path, symlinks=True)
    result = subprocess.run(
        [sys.executable, "-m", "pip", "--python", tmp_path, "install", "--quiet", "--require-hashes",
         "--only-binary=:all:", "--requirement", PROJECT / "deploy/requirements.lock"],
        check=False, capture_output=True, text=True)

    assert result.returncode == 0, result.stdout + result.stderr
    imported = subprocess.run(
        [tmp_path / "bin/python", "-c", "import pyramid, sqlalchemy, dramatiq, zmq, re2"],
        check=False, capture_output=True, text=True)
    assert imported.returncode == 0, imported.stderr
