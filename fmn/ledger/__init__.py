"""The ledger: messages, notifications, digests and deliveries in the database, as rows and queries."""
