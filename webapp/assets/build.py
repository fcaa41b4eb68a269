"""Colours, sizes and icons that others keep, made into ``webapp/static``: ``make assets``.

``tokens.css`` has the design tokens of GitHub's Primer that ``tokens.txt`` names, light and dark;
``icons.svg`` is a sprite of what ``icons.txt`` names, of Lucide, Simple Icons and Tabler Icons. Both are
kept in the repository, so that neither running FMN nor its tests needs npm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

HERE: Final = Path(__file__).parent
PACKAGES: Final = HERE / "node_modules"
STATIC: Final = HERE.parent / "static"
PRIMER: Final = PACKAGES / "@primer/primitives/dist/css"
SIZES: Final = (
    "base/typography/typography.css", "functional/typography/typography.css", "functional/size/radius.css")
SVG: Final = "http://www.w3.org/2000/svg"
#: Brands of Simple Icons, which are filled, and those of Tabler Icons, which are lines like Lucide's.
BRAND: Final = "brand:"
TABLER: Final = "tabler:"
#: What Tabler Icons draw below each icon: nothing, all over it.
GROUND: Final = "M0 0h24v24H0z"

STYLE_HEAD: Final = (
    "/* Made by `make assets` from @primer/primitives, (c) GitHub Inc., MIT. See webapp/assets/tokens.txt. */"
    "\n\n")
SPRITE_HEAD: Final = (
    "<!-- Made by `make assets` from lucide-static, (c) Lucide Contributors, ISC, simple-icons, CC0, "
    "and @tabler/icons, (c) Paweł Kuna, MIT. See webapp/assets/icons.txt. -->\n")


def tokens_css() -> str:
    """The style sheet of tokens: those of light pages, and what dark ones change."""
    sizes = {name: value for file in SIZES for name, value in _declarations(PRIMER / file).items()}
    light = {**sizes, **_declarations(PRIMER / "functional/themes/light.css")}
    dark = {**sizes, **_declarations(PRIMER / "functional/themes/dark.css")}
    wanted = sorted(_named("tokens.txt"))
    changed = [name for name in wanted if _resolved(name, light) != _resolved(name, dark)]
    return "".join([
        STYLE_HEAD, ":root {\n  color-scheme: light dark;\n", *_lines(wanted, light, "  "), "}\n\n",
        "@media (prefers-color-scheme: dark) {\n  :root {\n", *_lines(changed, dark, "    "), "  }\n}\n"])


def icons_svg() -> str:
    """The sprite: a symbol an icon, drawn in the text's colour."""
    symbols = "".join(f"{_symbol(name)}\n" for name in sorted(_named("icons.txt")))
    return f'{SPRITE_HEAD}<svg xmlns="{SVG}">\n{symbols}</svg>\n'


def _named(file: str) -> list[str]:
    lines = (HERE / file).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _declarations(file: Path) -> dict[str, str]:
    # The same ones stand once for each way to ask for a theme. The first is the whole theme.
    found: dict[str, str] = {}
    for name, value in re.findall(r"--([\w-]+): ([^;]+);", file.read_text(encoding="utf-8")):
        found.setdefault(name, value)
    return found


def _resolved(name: str, declared: Mapping[str, str]) -> str:
    return re.sub(r"var\(--([\w-]+)\)", lambda found: _resolved(found[1], declared), declared[name])


def _lines(names: list[str], declared: Mapping[str, str], indent: str) -> Iterator[str]:
    for name in names:
        yield f"{indent}--{name}: {_resolved(name, declared)};\n"


def _symbol(name: str) -> str:
    filled = name.startswith(BRAND)
    root = ET.parse(_file(name)).getroot()  # noqa: S314 - of a package with its hash
    shapes = [shape for shape in root if not shape.tag.endswith("title") and shape.get("d") != GROUND]
    ET.register_namespace("", SVG)
    drawn = "".join(ET.tostring(shape, encoding="unicode").strip() for shape in shapes)
    paint = 'fill="currentColor"' if filled else (
        'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"')
    drawn = drawn.replace(f' xmlns="{SVG}"', "").replace(" />", "/>")
    key = name.replace(BRAND, "brand-").replace(TABLER, "brand-")
    return f'<symbol id="{key}" viewBox="0 0 24 24" {paint}>{drawn}</symbol>'


def _file(name: str) -> Path:
    """The icon's file: ``star`` is Lucide's, ``brand:irc`` Simple Icons', ``tabler:irc`` Tabler Icons'."""
    if name.startswith(BRAND):
        return PACKAGES / "simple-icons/icons" / f"{name.removeprefix(BRAND)}.svg"
    if name.startswith(TABLER):
        return PACKAGES / "@tabler/icons/icons/outline" / f"brand-{name.removeprefix(TABLER)}.svg"
    return PACKAGES / "lucide-static/icons" / f"{name}.svg"


def main() -> None:
    """Write both files."""
    (STATIC / "tokens.css").write_text(tokens_css(), encoding="utf-8")
    (STATIC / "icons.svg").write_text(icons_svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
