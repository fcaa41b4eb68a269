"""The ledger: messages, notifications, deliveries. The only place that changes their state."""
