"""What holds of every page, whatever it's about."""

from __future__ import annotations

from html.parser import HTMLParser

from webtest import TestResponse

from webapp.auth.security import HEADERS

#: Elements that have no end.
VOID = frozenset({"meta", "wbr", "link", "img", "br", "input", "hr"})


class Outline(HTMLParser):
    """The elements of a page, and whether each is closed where it has to be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], "elements are left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def outline(response: TestResponse) -> Outline:
    """A page's outline, after it was looked at for what every page owes its readers."""
    for name, value in HEADERS.items():
        assert response.headers[name] == value
    assert response.content_type == "text/html"
    assert response.charset == "UTF-8"
    assert response.text.startswith("<!DOCTYPE html>")
    found = Outline(response.text)
    assert found.all("html") == [{"lang": "en"}]
    assert [len(found.all(tag)) for tag in ("h1", "header", "main", "footer")] == [1] * 4
    assert response.text.partition("</head>")[0].count("<title>") == 1
    assert found.all("a")[0]["href"] == "#main"
    assert all("alt" in picture for picture in found.all("img"))
    assert all(script["src"] and script["type"] == "module" for script in found.all("script"))
    assert not found.all("style")
    assert not [a for _, a in found.elements if "style" in a or any(key.startswith("on") for key in a)]
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    return found
