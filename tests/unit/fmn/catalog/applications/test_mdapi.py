from __future__ import annotations

from tests.messages import described, facts


def test_a_changed_repository_lists_its_packages() -> None:
    body = {"name": "rawhide", "packages": ["moss", "lichen"], "url": "fedora/linux/repodata/1-primary.xml"}
    told = described("mdapi.repo.update", body)

    assert facts("mdapi.repo.update", body).package_names == {"moss", "lichen"}
    assert facts("mdapi.repo.update", body).agent is None
    assert told.summary == "2 packages changed in the repository rawhide"
    assert told.long == "moss and lichen"
    assert told.link == "https://download.fedoraproject.org/pub/fedora/linux/repodata/1-primary.xml"


def test_an_address_that_is_whole_stays_as_it_is() -> None:
    body = {"name": "koji", "packages": ["moss"], "url": "http://koji.example.org/repodata/1.xz"}

    assert described("mdapi.repo.update", body).link == "http://koji.example.org/repodata/1.xz"


def test_the_first_messages_listed_changed_rows_of_tables() -> None:
    body = {"name": "rawhide", "differences": {
        "files": {"added": [["/usr/bin/grow", "file", "moss"]], "removed": [["/usr/bin/x", "file", "fern"]]},
        "provides": {"added": [["lichen(x86-64)", "EQ", "0", "1", "1", "lichen-libs"]], "removed": []},
        "packages": {"added": [], "removed": [["moss", "2.3", "1.fc44", "0", "noarch"]]},
        "conflicts": {"added": [], "removed": []},
    }}
    told = described("mdapi.repo.update", body)

    assert facts("mdapi.repo.update", body).package_names == {"moss", "fern", "lichen"}
    assert told.summary == "3 packages changed in the repository rawhide"
    assert told.long == (
        "moss, fern and lichen\n\n- files: 1 added, 1 removed\n- provides: 1 added, 0 removed\n"
        "- packages: 0 added, 1 removed")


def test_thousands_of_packages_are_counted_in_the_text() -> None:
    told = described("mdapi.repo.update", {"packages": [f"moss{number}" for number in range(3000)]})

    assert told.summary == "3000 packages changed in a repository"
    assert told.long.endswith("moss99 and 2900 more")
