from __future__ import annotations

from typing import Any

import pytest

from tests.messages import described, facts


@pytest.mark.parametrize(("user", "account"), [
    ("Mary", "mary"), ("mary", "mary"), ("Mary ann", "mary_ann"), (None, None)])
def test_the_wiki_spells_accounts_in_its_own_way(user: str | None, account: str | None) -> None:
    assert facts("wiki.article.edit", {"user": user}).agent == account
    assert facts("wiki.upload.complete", {"user_text": user}).agent == account


@pytest.mark.parametrize(("address", "link"), [
    ("http://fedoraproject.org/w/index.php?title=Moss&diff=7",
     "https://fedoraproject.org/w/index.php?title=Moss&diff=7"),
    ("https://fedoraproject.org/wiki/Moss", "https://fedoraproject.org/wiki/Moss"),
    ("/w/uploads/0/0f/Moss.jpg", "https://fedoraproject.org/w/uploads/0/0f/Moss.jpg"),
    (None, ""),
])
def test_pages_and_files_have_addresses(address: str | None, link: str) -> None:
    assert described("wiki.article.edit", {"url": address}).link == link


@pytest.mark.parametrize(("title", "body", "summary"), [
    ("article.edit", {"title": "Moss SIG", "summary": "Water"}, 'mary edited the page "Moss SIG": "Water"'),
    ("article.edit", {"title": "Moss SIG", "minor_edit": 1}, 'mary made a minor edit to the page "Moss SIG"'),
    ("article.edit", {"title": "Moss SIG", "summary": "/* Water */ more"},
     'mary edited the page "Moss SIG": "→Water more"'),
    ("article.edit", {}, "mary edited a page"),
    ("upload.complete", {"title": {"mTextform": "Moss.jpg"}}, "mary uploaded Moss.jpg"),
    ("upload.complete", {"title": "Moss.jpg", "description": "Green"}, 'mary uploaded Moss.jpg: "Green"'),
])
def test_edits_and_uploads_are_told(title: str, body: dict[str, Any], summary: str) -> None:
    assert described(f"wiki.{title}", {"user": "Mary", **body}).summary == summary


@pytest.mark.parametrize("title", ["User:Mary", "User talk:Mary/Garden"])
def test_edits_of_somebody_s_own_page_concern_them(title: str) -> None:
    assert facts("wiki.article.edit", {"user": "Sam", "title": title}).usernames == {"sam", "mary"}
