"""Prometheus metrics of all processes, in one list. Each process exports those that it sets.

``docs/reference/metrics`` describes each. Where several processes share an address, as with
``fmn worker --processes 2``, ``multiprocess_mode`` says how their gauges are combined.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# A series' creation time adds nothing to its process's start time.
disable_created_metrics()  # type: ignore[no-untyped-call]

#: Buckets in seconds, from an unnoticed delay to a backlog of hours.
LAG_BUCKETS: Final = (0.1, 0.3, 1, 3, 10, 30, 60, 300, 900, 3600, 4 * 3600)

# Every process
LOOP_TIMESTAMP: Final = "fmn_loop_timestamp_seconds"
loop_timestamp = Gauge(
    LOOP_TIMESTAMP, "When the process's main loop last went round.", ["loop"],
    multiprocess_mode="livemin")

clock_skew_seconds = Gauge(
    "fmn_clock_skew_seconds", "How far the clock of the process's host is ahead of the database's.",
    multiprocess_mode="livemax")

# Consumers
messages_received = Counter("fmn_messages_received", "Messages that came from a source.", ["source"])
messages_stored = Counter("fmn_messages_stored", "Messages that are new in the ledger.")
messages_known = Counter("fmn_messages_known", "Messages that came again and changed nothing.")
messages_rejected = Counter(
    "fmn_messages_rejected", "Messages that were refused.", ["reason", "source"])
messages_repaired = Counter(
    "fmn_messages_repaired", "Messages of which a part couldn't be kept.", ["reason"])
message_lag_seconds = Histogram(
    "fmn_message_lag_seconds", "Time from when a message was sent until it was in the ledger.",
    buckets=LAG_BUCKETS)
messages_caught_up = Counter(
    "fmn_messages_caught_up", "Messages that somebody was asked for, since we may have missed them.",
    ["source", "outcome"])

trust_valid_until = Gauge(
    "fmn_trust_valid_until_timestamp_seconds",
    "Until when what signatures are checked with can be used: the authority, its revocation list.", ["file"])
source_connected = Gauge(
    "fmn_source_connected", "Whether this process receives from the source's broker.", ["source"])
source_unacknowledged = Gauge(
    "fmn_source_unacknowledged", "Messages of the source's broker that aren't safe yet.", ["source"])
spool_messages = Gauge(
    "fmn_spool_messages", "Messages that wait for the database, on the disk or in memory.", ["place"])
spool_bytes = Gauge("fmn_spool_bytes", "Room that they take there.", ["place"])
spool_spooled = Counter("fmn_spool_spooled", "Messages that had to wait for the database.")
spool_drained = Counter("fmn_spool_drained", "Messages that waited and are in the ledger now.")
spool_dropped = Counter("fmn_spool_dropped", "Messages that were given up: there was no room for them.")

# Workers
messages_matched = Counter("fmn_messages_matched", "Messages that were matched.")
match_seconds = Histogram("fmn_match_seconds", "Time to match one batch.")
index_users = Gauge(
    "fmn_index_users", "People in the matcher's index.", multiprocess_mode="livemax")
index_expressions = Gauge(
    "fmn_index_expressions", "Different filters in the matcher's index.", multiprocess_mode="livemax")
index_checked = Gauge(
    "fmn_index_checked_timestamp_seconds", "When the index was last compared with the preferences.",
    multiprocess_mode="livemin")
filters_switched_off = Counter(
    "fmn_filters_switched_off", "Filters that were switched off as they cost more than their owner's budget.")
notifications_created = Counter("fmn_notifications", "Notifications that were decided on.", ["context"])

# Backends
deliveries_finished = Counter(
    "fmn_deliveries", "Deliveries by how an attempt ended.", ["context", "outcome"])
deliveries_dropped = Counter(
    "fmn_deliveries_dropped", "Deliveries that were dropped, by why they aren't sent.", ["context", "reason"])
attempts_failed = Counter(
    "fmn_attempts_failed", "Attempts to deliver that failed.", ["context", "reason"])
irc_connected = Gauge("fmn_irc_connected", "Nicks with which this process is on IRC: one for each partition.")

# Live feed
stream_readers = Gauge("fmn_stream_readers", "Connections of this process that listen to the live feed.")

# Web app
hook_deliveries = Counter("fmn_hook_deliveries", "Requests that came for webhooks of forges.", ["outcome"])
events_published = Counter(
    "fmn_events_published", "Events that programs posted, by what became of them.", ["outcome"])

# Web app and live feed
requests_refused = Counter(
    "fmn_requests_refused", "Requests that were refused, by the limit that they were beyond.", ["limit"])
limits_counted_locally = Counter(
    "fmn_limits_counted_alone", "Requests that a process counted by itself, because the cache was away.")

# Tasks: workers, backends, and processes that enqueue
tasks_finished = Counter("fmn_tasks", "Tasks by how they ended.", ["actor", "outcome"])
task_seconds = Histogram("fmn_task_seconds", "Time that tasks took.", ["actor"])
tasks_running = Gauge(
    "fmn_tasks_running", "Tasks that this process is at.", ["queue"], multiprocess_mode="livesum")
queue_served = Gauge(
    "fmn_queue_served_timestamp_seconds", "When this process last had a task of the queue.", ["queue"],
    multiprocess_mode="livemax")
tasks_retried = Counter("fmn_tasks_retried", "Tasks that failed and are tried again.", ["actor"])
tasks_given_up = Counter("fmn_tasks_given_up", "Tasks that failed too often.", ["actor"])
tasks_not_sent = Counter(
    "fmn_tasks_not_sent", "Tasks that the broker didn't take; the sweep makes up for them.", ["actor"])

# Schedulers
scheduler_leads = Gauge("fmn_scheduler_leads", "Whether this scheduler is the one that leads.")
jobs_started = Counter("fmn_jobs_started", "Runs of what happens by the clock.", ["name"])
jobs_not_started = Counter(
    "fmn_jobs_not_started", "Runs that couldn't be started and are tried again.", ["name"])

# The leading scheduler: state of the whole installation
ledger_waiting = Gauge(
    "fmn_ledger_waiting", "What waits in the ledger to be matched, or for its digest.", ["stage"])
ledger_waiting_seconds = Gauge(
    "fmn_ledger_waiting_seconds", "For how long the oldest of that has waited.", ["stage"])
catch_up_behind_seconds = Gauge(
    "fmn_catch_up_behind_seconds", "How far back the oldest moment lies that is to be caught up on.")
deliveries_in_state = Gauge(
    "fmn_deliveries_in_state", "Deliveries that are due, retrying, held, or failed.", ["context", "state"])
deliveries_oldest_seconds = Gauge(
    "fmn_deliveries_oldest_seconds", "Age of the oldest delivery that isn't over.", ["context"])
deliveries_overdue_seconds = Gauge(
    "fmn_deliveries_overdue_seconds", "For how long the first delivery that is due has been.", ["context"])
queue_tasks = Gauge("fmn_queue_tasks", "Tasks that wait in a queue of the broker.", ["queue"])
queue_processes = Gauge("fmn_queue_processes", "Processes that take from a queue, or stand by.", ["queue"])
queue_dead_letters = Gauge(
    "fmn_queue_set_aside", "Tasks that failed too often; RabbitMQ keeps them for a week.", ["queue"])
directory_refreshed = Gauge(
    "fmn_directory_refreshed_timestamp_seconds", "When the directory was last fetched; 0 if unknown.")
