"""Authentication: browser sessions, bearer tokens and permissions."""
