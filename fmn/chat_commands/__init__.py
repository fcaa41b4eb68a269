"""The command handler: answers what people write to us through a channel."""
