"""How accessible a page is, as far as a program can judge it: axe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.servers.waiting import wait_until

#: Of what axe judges, what depends on the colours.
COLOURS: Final[Mapping[str, object]] = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
EVERYTHING: Final[Mapping[str, object]] = {}
#: Whether a page stays as it is: what's being fetched anew is faded until it has come.
SETTLED: Final = "!document.querySelector('[aria-busy]') && !document.getAnimations().length"
#: Whether axe, half a megabyte of script, is in the document already.
THERE: Final = "'axe' in window"
#: Lets axe read each colour once: it reads the same few for every element, which takes most of its time.
READS_COLOURS_ONCE: Final = """() => {
  const { prototype } = axe.commons.color.Color;
  const parse = prototype.parseString;
  const known = new Map();
  prototype.parseString = function (text) {
    if (!known.has(text)) {
      const { r, g, b, alpha } = parse.call(this, text);
      known.set(text, { r, g, b, alpha });
    }
    return Object.assign(this, known.get(text));
  };
}"""
#: The rule, the first element that breaks it, and what it asks for. All else stays in the browser.
JUDGES: Final = """async ([exclude, options]) =>
  (await axe.run({ exclude }, options)).violations.map(({ id, nodes, help }) => [id, nodes[0].html, help])"""


def axe_violations(
    page: Page, options: Mapping[str, object] = EVERYTHING, *, but: Sequence[str] = (),
) -> list[tuple[str, str, str]]:
    """What is wrong: the rule, the first element that breaks it, and what it asks for.

    It isn't looked for in the elements that the selectors ``but`` name.
    """
    # The browser itself could wait only where the page's policy let it compile text.
    wait_until(lambda: page.evaluate(SETTLED), 30, "the page isn't settled")
    if not page.evaluate(THERE):
        page.evaluate(Axe().axe_script)
        page.evaluate(READS_COLOURS_ONCE)
    found = page.evaluate(JUDGES, [list(but), {"resultTypes": ["violations"], **options}])
    return [(rule, element, help_) for rule, element, help_ in found]
