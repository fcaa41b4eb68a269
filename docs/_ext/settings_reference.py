"""The directive ``settings-reference``: every setting with its explanation, as ``production.ini`` has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from docutils import nodes
from rst_text import escaped, indented, title
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

FILE: Final = Path(__file__).parents[2] / "production.ini"
#: ``# --- E-mail -----``
_SECTION: Final = re.compile(r"# --- (.+?) -+$")
#: A key of ours at the beginning of a line, with the first line of its value.
_KEY: Final = re.compile(r"(fmn\.[\w.]+) =\s*(.*)$")
_DEFAULT: Final = "Default: "
#: What becomes a link or a literal: ``docs/faults``, a setting's name, what stands between backticks.
_MENTION: Final = re.compile(r"`([^`]+)`|\bdocs/([\w/-]+)|\b(fmn\.\w+(?:\.\w+)+)")


@dataclass
class SettingGroup:
    """Settings that one comment explains; ``values`` are what each is set to in the file."""

    explanation: list[str] = field(default_factory=list)
    #: Where it isn't the value in the file.
    default: str = ""
    values: dict[str, str] = field(default_factory=dict)


def read_sections(text: str) -> Mapping[str, list[SettingGroup]]:
    """The settings in a file like ``production.ini``, by the section's title."""
    sections: dict[str, list[SettingGroup]] = {}
    # What stands before the first section is about the file.
    groups: list[SettingGroup] = []
    group, key = SettingGroup(), ""
    for line in text.splitlines():
        if found := _SECTION.match(line):
            groups = sections.setdefault(found[1], [])
            group, key = SettingGroup(), ""
        elif line.startswith("#"):
            if group.values:
                group, key = SettingGroup(), ""
            _read_comment(group, line.removeprefix("#").strip())
        elif found := _KEY.match(line):
            if not group.values:
                groups.append(group)
            key = found[1]
            group.values[key] = found[2]
        elif line.startswith((" ", "\t")) and key:
            group.values[key] = f"{group.values[key]} {line.strip()}".strip()
        elif line.startswith("["):
            group, key = SettingGroup(), ""
    return {name: found for name, found in sections.items() if found}


def _read_comment(group: SettingGroup, line: str) -> None:
    if line.startswith(_DEFAULT):
        group.default = line.removeprefix(_DEFAULT)
    else:
        group.explanation.append(line)


def as_rst(sections: Mapping[str, list[SettingGroup]], moved: Mapping[str, str]) -> str:
    """The sections as reStructuredText; ``moved`` has pages' present names by their former ones."""
    return "".join(
        title(escaped(name), "-") + "".join(_group(group, moved) for group in groups)
        for name, groups in sections.items())


def _group(group: SettingGroup, moved: Mapping[str, str]) -> str:
    first, *others = group.values
    names = "\n".join((f".. confval:: {first}", *(f"             {key}" for key in others)))
    explained = _with_links(" ".join(group.explanation), moved)
    return f"{names}\n\n" + "".join(
        f"{indented(text, 3)}\n\n" for text in (explained, _defaults(group)) if text)


def _defaults(group: SettingGroup) -> str:
    listed = "; ".join(_default(key, value, len(group.values)) for key, value in group.values.items())
    return f"Default: {escaped(group.default) or listed}."


def _default(key: str, value: str, many: int) -> str:
    name = f"``{key.rpartition('.')[2]}`` " if many > 1 else ""
    return f"{name}``{value.replace('%%', '%')}``" if value else f"{name}empty"


def _with_links(text: str, moved: Mapping[str, str]) -> str:
    """The text with links to pages, and names of settings as such."""
    return "".join(_parts(text, moved))


def _parts(text: str, moved: Mapping[str, str]) -> Iterator[str]:
    end = 0
    for found in _MENTION.finditer(text):
        yield escaped(text[end:found.start()])
        end = found.end()
        code, page, setting = found.groups()
        if page:
            yield f":doc:`/{moved.get(page, page)}`"
        else:
            yield f"``{code or setting}``"
        # Markup ends where a word does.
        if text[end:end + 1].isalnum():
            yield "\\ "
    yield escaped(text[end:])


class SettingsReference(SphinxDirective):
    """A section for each of the file's, with all of its settings."""

    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        """Read anew when the file has changed."""
        self.env.note_dependency(str(FILE))
        sections = read_sections(FILE.read_text(encoding="utf-8"))
        text = as_rst(sections, self.config.moved_pages)
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directive."""
    app.add_directive("settings-reference", SettingsReference)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
