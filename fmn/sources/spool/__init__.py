"""What was taken from the bus and isn't in the ledger yet: kept in order until the database takes it."""
