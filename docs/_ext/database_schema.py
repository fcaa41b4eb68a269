"""The database's tables as graphs, read from the SQLAlchemy models. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from sqlalchemy import Column, Table

from fmn.administration import models as administration_models  # noqa: F401 - each brings its tables
from fmn.filters import models as filters_models  # noqa: F401
from fmn.infra import slots  # noqa: F401
from fmn.infra.db import Base
from fmn.ledger import models as ledger_models  # noqa: F401
from fmn.ledger.figures import models as figures_models  # noqa: F401
from fmn.people import models as people_models  # noqa: F401
from fmn.sources.backfill import models as backfill_models  # noqa: F401

#: Stands for all packages, whose tables are shown without their columns.
ALL: Final = "all"
_HEAD: Final = (
    'digraph "Database schema" {',
    '  bgcolor="white"; pad="0.3"; rankdir=LR; nodesep="0.3"; ranksep="0.7";',
    '  node [shape=plain fontcolor="#16202a" fontname="Helvetica,Arial,sans-serif" fontsize=11];',
    '  edge [color="#44586b" arrowsize=0.7];')


def packages() -> Sequence[str]:
    """The packages that have tables, by name."""
    return sorted({_package(table) for table in Base.metadata.tables.values()})


def draw(package: str) -> str:
    """The tables of ``package`` with their columns, and those they refer to by name alone; or all by name."""
    ours = _tables(package)
    others = {target for table in ours for _, target in _references(table)} - {table.name for table in ours}
    lines = [*_HEAD]
    lines += [f"  {table.name} [label={_box(table, in_full=package != ALL)}];" for table in ours]
    lines += [f'  {name} [shape=box style="rounded,dashed" color="#44586b"];' for name in sorted(others)]
    for table in ours:
        for column, target in _references(table):
            port = f":{column}" if package != ALL else ""
            lines.append(f"  {table.name}{port} -> {target};")
    return "\n".join((*lines, "}"))


def describe(package: str) -> str:
    """The tables and their references in words."""
    tables = _tables(package)
    sentences = [f"Tables: {', '.join(table.name for table in tables)}."]
    sentences += [
        f"{table.name}.{column} refers to {target}."
        for table in tables for column, target in _references(table)]
    return " ".join(sentences)


def _tables(package: str) -> Sequence[Table]:
    found = [table for table in Base.metadata.sorted_tables if package in {ALL, _package(table)}]
    if not found:
        msg = f"no tables of {package}; there are those of {', '.join(packages())}"
        raise ValueError(msg)
    return sorted(found, key=lambda table: table.name)


def summaries(package: str) -> Iterator[tuple[str, str]]:
    """Each table of ``package`` with the first paragraph of what its model says of it."""
    documented = {mapper.local_table: mapper.class_.__doc__ or "" for mapper in Base.registry.mappers}
    for table in _tables(package):
        yield table.name, " ".join(documented.get(table, "").partition("\n\n")[0].split())


def _package(table: Table) -> str:
    """``fmn.people`` for a model in ``fmn/people/models.py``."""
    for mapper in Base.registry.mappers:
        if mapper.local_table is table:
            return str(mapper.class_.__module__).removesuffix(".models").removesuffix(".slots")
    msg = f"{table.name} has no model"
    raise ValueError(msg)


def _references(table: Table) -> Iterator[tuple[str, str]]:
    """Columns that refer to a table, each with the table's name."""
    for column in table.columns:
        for key in column.foreign_keys:
            yield column.name, key.column.table.name


def _box(table: Table, *, in_full: bool) -> str:
    """A table of HTML, as Graphviz reads it: the name, and a row for each column."""
    name = f'<tr><td bgcolor="#d8e6f3" align="left"><b>{escape(table.name)}</b></td></tr>'
    rows = [_row(column) for column in table.columns] if in_full else []
    return (f'<<table border="0" cellborder="1" cellspacing="0" cellpadding="4" color="#44586b"'
            f' bgcolor="#f6f9fc">{name}{"".join(rows)}</table>>')


def _row(column: Column[object]) -> str:
    marks = "".join((
        ' <font color="#8a3b00">PK</font>' if column.primary_key else "",
        ' <font color="#0b5d33">FK</font>' if column.foreign_keys else "",
        " ?" if column.nullable else ""))
    kind = escape(type(column.type).__name__.lower())
    return (f'<tr><td port="{escape(column.name)}" align="left">{escape(column.name)} '
            f'<font color="#4a5a6a">{kind}</font>{marks}</td></tr>')
