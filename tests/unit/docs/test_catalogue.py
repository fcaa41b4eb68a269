"""The documentation's page of the catalogue, as Sphinx makes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fmn.catalog import Catalog
from fmn.catalog.registry import built_in_applications

DOCS = Path(__file__).parents[3] / "docs"

KNOWN = Catalog(built_in_applications())

pytest.importorskip("sphinx", reason="Sphinx makes the documentation; it isn't installed")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page as text, built by itself: the rest of the documentation has no part in it."""
    source = tmp_path_factory.mktemp("docs")
    settings = f"import sys\nsys.path.append({str(DOCS / '_ext')!r})\nextensions = ['catalogue']\n"
    (source / "conf.py").write_text(settings, encoding="utf-8")
    text = (DOCS / "reference" / "events.rst").read_text(encoding="utf-8")
    (source / "index.rst").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "text", str(source), str(source / "out")]
    subprocess.run(command, check=True, cwd=DOCS.parent)
    return (source / "out" / "index.txt").read_text(encoding="utf-8")


def test_every_rule_is_on_the_page(page: str) -> None:
    applications = KNOWN.applications.values()
    names = [
        *(event.name for event in KNOWN.event_types()),
        *(rule.name for application in applications for rule in application.rules),
        *(application.catchall for application in applications if application.catchall),
    ]

    assert [name for name in names if f'"{name}"' not in page] == []


def test_an_event_type_is_shown_with_its_example(page: str) -> None:
    entry = page.partition('"bodhi_update_complete_stable"')[2].partition('"bodhi_update_eject"')[0]

    assert "An update reached the stable repository." in entry
    assert 'Topic: "bodhi.update.complete.stable"' in entry
    assert "moss-2.4-1.fc44 was pushed to stable" in entry
    assert "https://bodhi.fedoraproject.org/updates/FEDORA-" in entry


def test_retired_applications_come_last_and_say_so(page: str) -> None:
    titles = {application.title: application for application in KNOWN.applications.values()}
    order = [line for line in page.splitlines() if line in titles]
    retired = [titles[title].retired for title in order]

    assert set(order) == set(titles)
    assert retired == sorted(retired)
    assert " ".join(page.split()).count("The service is gone") == sum(retired)
