"""The wheel holds all that FMN needs, in an environment that knows nothing of the project's folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import httpx
import pytest

from tests.servers.ports import free_port
from tests.servers.processes import Process
from tests.servers.waiting import wait_until

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment into which the wheel is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", PROJECT],
                   check=True, capture_output=True)
    [wheel] = (folder / "dist").glob("*.whl")
    fresh = folder / "fresh"
    venv.create(fresh, symlinks=True)
    subprocess.run([sys.executable, "-m", "pip", "--python", fresh, "install", "--quiet", "--no-deps",
                    "--no-index", wheel], check=True, capture_output=True)
    # What FMN stands on is the tests' own; its line that leads to the project's folder isn't followed.
    [packages] = (fresh / "lib").glob("python*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    return fresh / "bin"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings with SQLite, and a free port for pserve."""
    path = tmp_path / "fmn.ini"
    path.write_text(f"""\
[app:main]
use = egg:fmn
fmn.database.url = sqlite:///%(here)s/fmn.sqlite
fmn.web.secret = known to tests only
[server:main]
use = egg:waitress#main
listen = 127.0.0.1:{free_port()}
""", encoding="utf-8")
    return path


def test_a_wheel_brings_its_tables_and_answers(installed: Path, config: Path) -> None:
    # Given FMN from the wheel, and from nowhere else
    where = subprocess.run(
        [installed / "python", "-c", "import fmn, webapp; print(fmn.__file__, webapp.__file__)"],
        cwd=config.parent, check=True, capture_output=True, text=True).stdout
    assert where.count(str(installed.parent)) == 2

    # When its tables are made and its web app starts
    environment = {**os.environ, "FMN_CONFIG": str(config)}
    made = subprocess.run([installed / "fmn", "db", "upgrade"], cwd=config.parent, env=environment,
                          check=True, capture_output=True, text=True)
    assert made.stdout == "The tables are up to date.\n"
    pserve = Process([installed / "python", "-m", "pyramid.scripts.pserve", config],
                     log=config.with_name("log"))
    try:
        address = f"http://{config.read_text(encoding='utf-8').split()[-1]}"
        wait_until(lambda: answers(f"{address}/readyz"), 30, "not ready")

        # Then pages come with all they consist of
        page = httpx.get(f"{address}/").text
        assert "</html>" in page
        assert httpx.get(f"{address}/static/base.css").is_success
    finally:
        pserve.kill()


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False
