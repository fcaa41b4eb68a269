"""PostgreSQL finds messages by application, people, packages and groups. SQLite has no such indexes.

Making them takes 10 to 25 seconds for a million messages, while others are stored.

Revision: 0030.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.concurrent_indexes import create_index

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

LISTS = ("usernames", "packages", "groups")
#: The parts between slashes of the names in a list. A part that may be too long for a page is left out.
PARTS = (
    """string_to_array(regexp_replace(replace(btrim({}, '[]"'), '","', '/'), """
    """'[^/]{{201,}}', '', 'g'), '/')""")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    create_index("ix_messages_category", "messages", [sa.text("(ARRAY[category])")], postgresql_using="gin")
    for name in LISTS:
        create_index(
            f"ix_messages_{name}", "messages", [sa.text(PARTS.format(name))], f"{name} <> '[]'",
            postgresql_using="gin")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in (*LISTS, "category"):
            op.drop_index(f"ix_messages_{name}", "messages")
