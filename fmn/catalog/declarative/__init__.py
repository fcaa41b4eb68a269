"""Event types without code: applications described in TOML files, one file each.

See ``docs/sources/event-types.rst`` for the format. Nothing in a file is ever executed: templates and
conditions are paths into the body, and everything that a file or a body can make large is bounded.
"""
