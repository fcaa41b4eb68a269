"""Administration: looking people and deliveries up, repairs, revocation, retention, and the audit log."""
