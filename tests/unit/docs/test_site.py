"""The documentation as Sphinx builds it: complete, with its pictures, and found at its former addresses."""

from __future__ import annotations

import html
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from fmn.cli import main
from fmn.infra.db import Base
from fmn.settings import known_keys
from webapp.api.all_operations import OPERATIONS_BY_TAG

#: Sphinx reads all of FMN, and other tests run meanwhile.
pytestmark = pytest.mark.timeout(600)
DOCS: Final = Path(__file__).parents[3] / "docs"
CONF: Final = runpy.run_path(str(DOCS / "conf.py"))
MOVED: Final[dict[str, str]] = CONF["moved_pages"]
#: A picture with what it shows in words.
PICTURE: Final = re.compile(r'<a class="drawn" href="([^"]+)"><img src="\1" alt="([^"]+)">')

pytest.importorskip("sphinx", reason="Sphinx builds the documentation; it isn't installed")
needs_graphviz: Final = pytest.mark.skipif(
    shutil.which("dot") is None, reason="Graphviz draws the pictures; it isn't installed")


def build(source: Path, out: Path, *options: str, path: str | None = None) -> str:
    """Build HTML, with warnings as errors; returns what Sphinx said."""
    environment = {**os.environ, "PATH": os.environ["PATH"] if path is None else path}
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-b", "html", *options, str(source), str(out)],
        cwd=DOCS.parent, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    # Our theme copies the whole table of contents for each page, half of the time. A page below has it.
    build(DOCS, out, "-D", "html_theme=basic")
    return out


def text_of(page: Path) -> str:
    """What stands on a page, without its markup."""
    return html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("old", MOVED)
def test_a_former_address_leads_to_a_page(site: Path, old: str) -> None:
    page = site / f"{old}.html"
    [target] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page.read_text(encoding="utf-8"))

    assert (page.parent / target).resolve() == site / f"{MOVED[old]}.html"
    assert (page.parent / target).is_file()


def test_every_setting_is_in_the_reference(site: Path) -> None:
    page = text_of(site / "reference" / "settings.html")

    assert [key for key in known_keys() if key not in page] == []
    assert "fmn.sweep.seconds" in page
    assert "Default: seconds 5; grace_seconds 30." in page


def every_command(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if command.hidden:
            continue
        below = click.Context(command, info_name=name, parent=context)
        yield below.command_path
        if isinstance(command, click.Group):
            yield from every_command(command, below)


def test_every_command_is_in_the_reference(site: Path) -> None:
    page = text_of(site / "reference" / "commands.html")
    commands = [*every_command(main, click.Context(main, info_name="fmn"))]

    assert {"fmn up", "fmn db upgrade", "fmn deliveries requeue"} <= {*commands}
    assert [command for command in commands if f"{command} " not in page] == []
    assert "--dry-run" in page


def test_every_operation_of_the_api_is_in_the_reference(site: Path) -> None:
    page = text_of(site / "reference" / "api.html")

    assert [
        each.name for operations in OPERATIONS_BY_TAG.values() for each in operations
        if f"{each.method} {each.path}" not in page] == []


def test_every_table_is_in_the_reference(site: Path) -> None:
    page = text_of(site / "reference" / "database.html")

    assert [name for name in Base.metadata.tables if name not in page] == []


@needs_graphviz
@pytest.mark.parametrize(("page", "shown"), [
    ("explanation/architecture", "The consumer reads messages from fedmsg"),
    ("explanation/architecture", "A message is published on the bus"),
    ("explanation/architecture", "waiting becomes sent"),
    ("reference/database", "deliveries.notification_id refers to notifications")])
def test_a_picture_is_drawn_and_described(site: Path, page: str, shown: str) -> None:
    file = site / f"{page}.html"
    pictures = PICTURE.findall(file.read_text(encoding="utf-8"))
    addresses = [address for address, words in pictures if shown in html.unescape(words)]

    assert addresses
    assert all("<svg" in (file.parent / address).read_text(encoding="utf-8") for address in addresses)


def test_without_graphviz_descriptions_stand_in_the_pictures_places(tmp_path: Path) -> None:
    source = tmp_path / "docs"
    shutil.copytree(DOCS / "pictures", source / "pictures")
    settings = f"import sys\nsys.path.append({str(DOCS / '_ext')!r})\nextensions = ['pictures']\n"
    settings += f"html_theme = {CONF['html_theme']!r}\n"
    (source / "conf.py").write_text(settings, encoding="utf-8")
    (source / "index.rst").write_text(
        "Title\n=====\n\n.. picture:: system\n   :alt: What it shows\n\n.. delivery-states::\n\n"
        ".. database-tables::\n", encoding="utf-8")

    said = build(source, tmp_path / "out", path="")

    page = text_of(tmp_path / "out" / "index.html")
    assert "Graphviz isn't installed" in said
    assert "installed where this page was built. The picture shows: What it shows" in page
    assert "waiting becomes sent" in page
    assert "deliveries.notification_id refers to notifications" in page
