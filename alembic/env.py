"""Runs migrations on the connection that :mod:`fmn.infra.migrations` opened."""

from __future__ import annotations

from alembic import context

from fmn.administration import models as administration_models  # noqa: F401
from fmn.filters import models as filters_models  # noqa: F401
from fmn.infra import slots  # noqa: F401 - its table belongs to the metadata
from fmn.infra.db import Base
from fmn.ledger import models as ledger_models  # noqa: F401
from fmn.ledger.figures import models as figures_models  # noqa: F401
from fmn.people import models as people_models  # noqa: F401
from fmn.sources.backfill import models as catchup_models  # noqa: F401
from fmn.sources.webhooks import models as webhooks_models  # noqa: F401

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite can't alter a table in place; Alembic copies it then.
    render_as_batch=True,
    # Where the connection is in no transaction yet: see fmn.infra.concurrent_indexes.
    transaction_per_migration=True,
    on_version_apply=lambda **_: context.config.attributes["on_step"](),
)
with context.begin_transaction():
    context.run_migrations()
