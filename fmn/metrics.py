"""What is counted and measured, in one list: every process exports what it has of it."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

messages_received = Counter("fmn_messages_received", "Messages that came from the bus.")
messages_stored = Counter("fmn_messages_stored", "Messages that are new in the ledger.")
messages_known = Counter("fmn_messages_known", "Messages that came again and changed nothing.")
messages_rejected = Counter("fmn_messages_rejected", "Messages that were refused.", ["reason"])
messages_repaired = Counter(
    "fmn_messages_repaired", "Messages of which a part couldn't be kept.", ["reason"])
spool_messages = Gauge(
    "fmn_spool_messages", "Messages that wait for the database, on the disk or in memory.", ["place"])
spool_bytes = Gauge("fmn_spool_bytes", "Room that they take there.", ["place"])
spool_spooled = Counter("fmn_spool_spooled", "Messages that had to wait for the database.")
spool_drained = Counter("fmn_spool_drained", "Messages that waited and are in the ledger now.")
spool_dropped = Counter("fmn_spool_dropped", "Messages that were given up: there was no room for them.")
messages_matched = Counter("fmn_messages_matched", "Messages that were matched.")
match_seconds = Histogram("fmn_match_seconds", "Time to match one batch.")
index_users = Gauge("fmn_index_users", "People in the matcher's index.")
notifications_created = Counter(
    "fmn_notifications_created", "Notifications that were decided on.", ["context"])
deliveries_finished = Counter(
    "fmn_deliveries", "Deliveries by how an attempt ended.", ["context", "outcome"])
attempts_failed = Counter(
    "fmn_attempts_failed", "Attempts to deliver that failed.", ["context", "reason"])
tasks_not_sent = Counter(
    "fmn_tasks_not_sent", "Tasks that the broker didn't take; the sweep makes up for them.", ["actor"])
irc_connected = Gauge("fmn_irc_connected", "Whether this process is on IRC, under the nick.")
stream_readers = Gauge("fmn_stream_readers", "Connections of this process that listen to the live feed.")
