"""fedora-messaging: messages over AMQP, from a queue of RabbitMQ.

TLS and the broker's permissions vouch for messages; they have no signatures. The broker keeps each message
until it's acknowledged.
"""
