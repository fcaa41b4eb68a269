"""The broker, as our code sees RabbitMQ: what isn't acknowledged comes again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from queue import PriorityQueue
from typing import Any, Final

from dramatiq import Broker, Message, MessageProxy
from dramatiq.common import q_name
from dramatiq.worker import ConsumerThread, WorkerThread

from tests.simulation.virtual_processes import Kind, Machine, Process

BACKEND: Final = "backend."


class BrokerAwayError(ConnectionError):
    """The broker can't be reached."""


@dataclass(eq=False)
class Task:
    """A task at the broker; ``holder`` is whoever was given it and hasn't acknowledged it."""

    number: int
    content: bytes
    queue: str
    due: float
    redelivered: bool = False
    holder: Process | None = None

    @property
    def message(self) -> Message[Any]:
        """What is in it."""
        return Message.decode(self.content)


class Delivered(MessageProxy):
    """A task as a worker has it."""

    def __init__(self, task: Task) -> None:
        message = task.message
        options = {name: value for name, value in message.options.items() if name != "eta"}
        super().__init__(replace(message, queue_name=task.queue, options=options))
        self.task = task
        self.redelivered = task.redelivered


class Rabbit:
    """All queues. ``fails`` says how a publish or an ack goes wrong, ``""`` if it doesn't."""

    def __init__(self, machine: Machine, now: Callable[[], float]) -> None:
        self.tasks: list[Task] = []
        self.dead: list[Task] = []
        #: Which process is given the tasks of a backend's queue.
        self.active: dict[str, Process] = {}
        self.fails: Callable[[Kind], str] = lambda _kind: ""
        #: Called with what is acknowledged, after it is.
        self.on_ack: Callable[[Task], None] = lambda _task: None
        self._machine, self._now = machine, now
        self._count = 0

    def publish(self, message: Message[Any], delay: int | None) -> None:
        """Keep a task; given a delay (milliseconds), only give it out then."""
        fails = self.fails(Kind.PUBLISH)
        if fails == "lost":
            raise BrokerAwayError("it takes nothing")
        self._count += 1
        due = self._now() + (delay or 0) / 1000
        self.tasks.append(Task(self._count, message.encode(), q_name(message.queue_name), due))
        if fails:
            raise BrokerAwayError("it was cut off before it confirmed")

    def waiting_for(self, process: Process) -> list[Task]:
        """What could be given to a process now: the first task of each queue that it's the one for."""
        first: dict[str, Task] = {}
        for task in self.tasks:
            if task.holder is None and task.due <= self._now() and task.queue not in first and (
                    not task.queue.startswith(BACKEND)
                    or self.active.setdefault(task.queue, process) in (None, process)):
                first[task.queue] = task
        return list(first.values())

    def give(self, task: Task, process: Process) -> Delivered:
        """Give a task to a process."""
        task.holder = process
        self._machine.changes += 1
        return Delivered(task)

    def acknowledge(self, task: Task, process: Process) -> None:
        """Forget a task, if the process still has it."""
        if self.fails(Kind.ACK):
            self.lost(process)
        elif task.holder is process and task in self.tasks:
            self.tasks.remove(task)
            self.on_ack(task)

    def reject(self, task: Task) -> None:
        """Put a task where nobody looks."""
        if task in self.tasks:
            self.tasks.remove(task)
            self.dead.append(task)

    def lost(self, process: Process) -> None:
        """A process isn't heard of any more: others get what it had."""
        for task in self.tasks:
            if task.holder is process:
                task.holder, task.redelivered = None, True
        self.active = {queue: active for queue, active in self.active.items() if active is not process}
        self._machine.changes += 1

    def wipe(self) -> None:
        """Forget everything."""
        self.tasks.clear()


class _Acks:
    """Acknowledges for one process, as the consumer of a queue does."""

    def __init__(self, rabbit: Rabbit, machine: Machine, process: Process) -> None:
        self._rabbit, self._machine, self._process = rabbit, machine, process

    def ack(self, message: Delivered) -> None:
        self._machine.step(Kind.ACK, lambda: self._rabbit.acknowledge(message.task, self._process))

    def nack(self, message: Delivered) -> None:
        self._machine.step(Kind.ACK, lambda: self._rabbit.reject(message.task))


class Worker:
    """Dramatiq's own worker, a task at a time in the thread of its process."""

    def __init__(self, broker: Broker, rabbit: Rabbit, machine: Machine, process: Process) -> None:
        self._rabbit, self._process = rabbit, process
        queue: PriorityQueue[Any] = _Endless()
        consumers: dict[str, ConsumerThread] = {}
        for name in broker.get_declared_queues():
            consumers[name] = consumer = ConsumerThread(
                broker=broker, queue_name=name, prefetch=1, work_queue=queue, worker_timeout=1)
            acks: Any = _Acks(rabbit, machine, process)
            consumer.consumer = acks
        self._thread = WorkerThread(broker=broker, consumers=consumers, work_queue=queue, worker_timeout=1)

    def process(self, task: Task) -> None:
        """Take a task, do it, acknowledge it."""
        self._thread.process_message(self._rabbit.give(task, self._process))


class _Endless(PriorityQueue[Any]):
    """Nothing comes through it: tasks are handed to the thread."""

    def task_done(self) -> None:
        pass


def publish_to(broker: Any, publish: Callable[[Message[Any], int | None], None]) -> None:
    """Let a broker's tasks go to the simulated one, for good."""
    def enqueue(message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        broker.emit_before("enqueue", message, delay)
        publish(message, delay)
        broker.emit_after("enqueue", message, delay)
        return message

    broker.enqueue = enqueue


def ids_in(task: Task) -> Mapping[str, list[int]]:
    """The ids that a task names, by the name of its actor; none if it names none."""
    message = task.message
    return {message.actor_name: list(message.args[0])} if message.args else {}
