"""Deterministic simulation: FMN's own code, stopped at any of its steps.

A run has one or two simulated processes, each of which is consumer, worker, backend, scheduler and web app at
once. The code they run is FMN's; simulated is what is around it:

- the clock (:mod:`~tests.simulation.clock`), which moves only when the run says so,
- the files of SQLite (:mod:`~tests.simulation.sqlite`), real ones, with a step around each commit,
- the broker (:mod:`~tests.simulation.broker`), which keeps tasks and gives them out again as RabbitMQ does,
- the bus, and who takes what is sent (:mod:`~tests.simulation.external_services`).

Each commit, publish, ack, send and reading of the clock is a numbered step. A run may stop a process before
or after any step. What was in its memory is gone then; another one starts with what is in files, at the
broker and outside. In the end everything is given the time it needs, and
:mod:`~tests.simulation.expectation` judges what came of it.

``make simulate`` runs all crash points and a thousand seeds, ``make simulate SEEDS=10000`` more,
``make simulate SEED=1234`` and ``make simulate POINT=81`` one of them.
"""
