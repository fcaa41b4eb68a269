"""The architecture page's list of packages is that of the tree, in the order of the layers."""

from __future__ import annotations

import configparser
import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[3]
PAGE: Final = PROJECT / "docs" / "explanation" / "architecture.rst"
#: A row of the list-table begins with the package.
ROW: Final = re.compile(r"^   \* - ``(\S+)``$", re.MULTILINE)
#: Links and marks, not packages of their own.
NOT_PACKAGES: Final = frozenset({"__init__", "alembic"})


def listed(page: str) -> Sequence[str]:
    return ROW.findall(page)


def in_tree(package: Path) -> set[str]:
    """Packages and modules that lie directly in ``package``, as the page names them."""
    folders = {f"{package.name}/{each.parent.name}/" for each in package.glob("*/__init__.py")}
    modules = {f"{package.name}/{each.name}" for each in package.glob("*.py")}
    return {each for each in folders | modules if Path(each).stem not in NOT_PACKAGES}


def layers() -> Sequence[frozenset[str]]:
    """The packages of ``fmn`` by layer, the topmost first."""
    settings = configparser.ConfigParser()
    settings.read(PROJECT / "setup.cfg", encoding="utf-8")
    lines = settings["importlinter:contract:layers"]["layers"].split("\n")
    return [frozenset(re.split(r"\s*[|:]\s*", line.strip())) for line in lines if line.strip()]


def is_in_order(names: Sequence[str], order: Sequence[frozenset[str]]) -> bool:
    """Whether no name stands below one of a lower layer."""
    ranks = [rank for name in names for rank, layer in enumerate(order) if name in layer]
    return ranks == sorted(ranks)


NAMES: Final = [
    Path(each).stem for each in listed(PAGE.read_text(encoding="utf-8")) if each.startswith("fmn/")]


def test_every_package_and_module_is_listed_and_nothing_else() -> None:
    found = listed(PAGE.read_text(encoding="utf-8"))

    assert sorted(found) == sorted({*in_tree(PROJECT / "fmn"), "webapp/"})


def test_the_order_is_that_of_the_layers() -> None:
    assert {*NAMES} == {name for layer in layers() for name in layer}
    assert is_in_order(NAMES, layers())


def test_a_package_below_one_of_a_lower_layer_is_noticed() -> None:
    order = layers()
    exchanged = {
        (above, below): [{above: below, below: above}.get(name, name) for name in NAMES]
        for above, below in combinations(NAMES, 2) if not any({above, below} <= layer for layer in order)}

    assert exchanged
    assert [pair for pair, names in exchanged.items() if is_in_order(names, order)] == []
