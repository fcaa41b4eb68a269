"""A package of somebody else adds an application: the very files that the documentation shows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories.packages import install
from tests.servers.ports import free_port

EXAMPLE = Path(__file__).parents[3] / "docs" / "extending" / "example"
MODULE = Path("fmn_greenhouse") / "catalogue.py"
FMN = Path(sys.executable).with_name("fmn")

SETTINGS = """\
[app:main]
fmn.database.url = sqlite:///%(here)s/fmn.sqlite
fmn.broker.url = memory://
fmn.cache.url = memory://
fmn.bus.endpoints = tcp://127.0.0.1:9
fmn.bus.validate_signatures = false
fmn.web.secret = of the tests
"""
#: Commands that refuse the memory of one process as broker before anything else, and another broker.
NEED_RABBITMQ = frozenset({"worker", "backend", "scheduler"})
NOBODY = "amqp://127.0.0.1:9"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the package is installed into."""
    return install(EXAMPLE, tmp_path_factory.mktemp("greenhouse"))


@pytest.fixture
def broken(installation: Path, tmp_path: Path) -> Path:
    """A copy of the installation, to be broken; beside it are settings."""
    settings = f"{SETTINGS}fmn.web.listen = 127.0.0.1:{free_port()}\n"
    (tmp_path / "fmn.ini").write_text(settings, encoding="utf-8")
    return Path(shutil.copytree(installation, tmp_path / "installed"))


def fmn(installed: Path, *arguments: str, folder: Path = EXAMPLE) -> subprocess.CompletedProcess[str]:
    """``fmn`` as it's run in this folder, where the package is installed."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    environment.pop("FMN_CONFIG", None)
    return subprocess.run(
        [FMN, *arguments], cwd=folder, env=environment, check=False, capture_output=True, text=True)


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_application_is_in_the_catalogue(installation: Path) -> None:
    listed = fmn(installation, "catalog", "list").stdout

    assert "\ngreenhouse: Plants: watered, and when they're not well.\n" in listed
    assert "\n    greenhouse_plant_watered " in listed
    assert "\nbodhi: " in listed


def test_its_rules_are_among_all_others(installation: Path) -> None:
    listed = [line.split()[0] for line in fmn(installation, "rules", "list").stdout.splitlines()]

    assert {
        "greenhouse_plant_watered", "greenhouse_alarm", "greenhouse_catchall", "greenhouse_rows(rows)",
        "bodhi_update_comment",
    } <= set(listed)


@pytest.mark.parametrize("name", ["show", "check", "ask"])
def test_the_commands_write_what_the_documentation_shows(installation: Path, name: str) -> None:
    shown = (EXAMPLE / "output" / f"{name}.txt").read_text(encoding="utf-8")
    command, _, output = shown.partition("\n")
    program, *arguments = command.removeprefix("$ ").split()

    result = fmn(installation, *arguments)

    assert program == "fmn"
    assert (result.stdout, result.stderr) == (output, "")


def test_its_own_tests_pass(installation: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests"], cwd=tmp_path, check=False, capture_output=True,
        text=True, env={**os.environ, "PYTHONPATH": str(installation)})

    assert result.returncode == 0, result.stdout
    assert "7 passed" in result.stdout


def test_without_the_package_nobody_knows_the_application(tmp_path: Path) -> None:
    result = fmn(tmp_path, "catalog", "show", "greenhouse")

    assert result.returncode == 1
    assert "no application or event type 'greenhouse'" in result.stderr


class TestABrokenOne:
    """It doesn't just go missing: FMN refuses to start, and says why in one sentence."""

    def test_is_shown_as_in_the_documentation(self, broken: Path) -> None:
        replace_in(broken / MODULE, "from fmn.catalog.urls", "from fmn.catalog.linkz")
        shown = (EXAMPLE / "output" / "broken.txt").read_text(encoding="utf-8")

        result = fmn(broken, "catalog", "list")

        assert (result.returncode, result.stdout) == (1, "")
        assert f"$ fmn catalog list\n{result.stderr}" == shown

    @pytest.mark.parametrize(("old", "new", "why"), [
        ('"greenhouse_alarm"', '"bodhi_update_comment"', "2 rules are named 'bodhi_update_comment'"),
        ('catchall="greenhouse_catchall"', 'catchall="git_receive"', "2 rules are named 'git_receive'"),
        ('category="greenhouse"', 'category="bodhi"', "two applications claim the category 'bodhi'"),
        ('"greenhouse.alarm.*"', '"git.receive"', "the topic 'git.receive' of the event type"),
        ("APPLICATION =", "APPLICATIONS =", "it has no APPLICATION that is an fmn.catalog.Application"),
        ("GREENHOUSE =", "GREENHOUSE = 1 /", "its import fails with TypeError: unsupported operand"),
    ])
    def test_is_told_of_with_the_reason(self, broken: Path, old: str, new: str, why: str) -> None:
        replace_in(broken / MODULE, old, new)

        result = fmn(broken, "catalog", "list")

        assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
        assert result.stderr.startswith(
            "Error: the entry point greenhouse = fmn_greenhouse.catalogue (fmn.catalog), which the package "
            f"fmn-greenhouse brings, can't be used: {why}")

    def test_may_not_take_the_name_of_a_generic_rule(self, broken: Path) -> None:
        replace_in(broken / MODULE, '"greenhouse_rows"', '"user_filter"')

        result = fmn(broken, "rules", "list")

        assert result.returncode == 1
        assert result.stderr == (
            "Error: the application 'greenhouse' has a rule named 'user_filter', as 'generic' has already\n")

    @pytest.mark.parametrize("command", [
        ["consumer"], ["worker"], ["backend"], ["scheduler"], ["up", "--no-demo"], ["up"], ["rules", "list"],
    ], ids=" ".join)
    def test_stops_every_process_at_its_start(self, broken: Path, command: list[str]) -> None:
        (broken / MODULE).write_text("import lichen", encoding="utf-8")
        if command[0] in NEED_RABBITMQ:
            replace_in(broken.parent / "fmn.ini", "fmn.broker.url = memory://", f"fmn.broker.url = {NOBODY}")

        result = fmn(broken, "--config", "fmn.ini", *command, folder=broken.parent)

        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith("Error: the entry point greenhouse = fmn_greenhouse.catalogue ")
        assert result.stderr.endswith(": No module named 'lichen'\n")
        assert result.stderr.count("\n") == 1
