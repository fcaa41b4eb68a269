"""CloudEvents 1.0: events that programs post over HTTP, parsed and made into messages. Pure."""
