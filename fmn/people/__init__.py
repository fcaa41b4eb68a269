"""People: accounts, preferences, addresses with their confirmation, sessions and API tokens."""
