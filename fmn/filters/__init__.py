"""Filters: rule types, expressions, editing, budgets, mutes and undo."""
