"""People: users, their contexts and preferences, and the addresses that reach them."""
