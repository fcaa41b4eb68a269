"""Somebody who has nothing but a keyboard, and has to see where they are at every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Page

#: More than any page has stops.
STOPS: Final = 150
#: Of what has the focus: what a screen reader calls it, and what keeps one from seeing that it has it.
FOCUSED: Final = """() => {
  const it = document.activeElement;
  const words = it.labels?.length ? [...it.labels].map((each) => each.textContent).join(" ") : it.textContent;
  const [line] = it.getClientRects();
  const problem = () => {
    if (it === document.body) return "nothing has the focus";
    if (!line) return "it isn't drawn";
    const { outlineStyle, outlineWidth } = getComputedStyle(it);
    const icon = it.matches("[type=date], [type=time]") && !it.matches(":focus");  // which the browser marks
    if (!icon && (!it.matches(":focus-visible") || outlineStyle === "none" || parseFloat(outlineWidth) < 2))
      return "nothing shows that it has the focus";
    const [x, y] = [line.left + line.width / 2, line.top + Math.min(line.height / 2, 20)];
    const there = document.elementFromPoint(x, y);
    if (!there) return "it's out of sight";
    return it.contains(there) || there.contains(it) ? "" : `<${there.localName}> covers it`;
  };
  return { name: words.replace(/\\s+/g, " ").trim(), problem: problem() };
}"""


@dataclass(frozen=True)
class Keyboard:
    """The keyboard of a page."""

    page: Page

    def reach(self, name: str, *, by: str = "Tab") -> None:
        """Go on until what is called so has the focus. Each stop on the way can be seen."""
        passed = []
        for _ in range(STOPS):
            self.page.keyboard.press(by)
            passed.append(self.sees())
            if passed[-1] == name:
                return
        pytest.fail(f"{name!r} can't be reached, but {passed}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type in place of what is there."""
        self.press("Control+a")
        self.page.keyboard.type(text)

    def sees(self) -> str:
        """The name of what has the focus, which has to be in sight."""
        found: dict[str, Any] = self.page.evaluate(FOCUSED)
        assert not found["problem"], f"{found['name']!r}: {found['problem']}"
        return str(found["name"])
