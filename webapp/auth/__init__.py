"""Authentication: sign-in, browser sessions, bearer tokens and permissions."""
