"""Where messages come from: fedmsg, the spool, and backfill from an archive."""
