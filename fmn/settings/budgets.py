"""What one person may cost, as far as it can be set."""

from __future__ import annotations

from fmn.settings.field_types import Positive, Section


class BudgetSettings(Section):
    """Computing time that one person's filters, and a preview of one, may take."""

    matching_milliseconds: Positive = 20
    preview_seconds: Positive = 0.7
