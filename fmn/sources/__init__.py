"""Sources of messages: fedmsg, fedora-messaging, webhooks of forges, CloudEvents; the spool, and backfill."""
