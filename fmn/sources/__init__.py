"""Sources of messages: the fedmsg bus, the spool, and backfill from archives."""
