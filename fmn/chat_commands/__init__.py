"""The desk: answers what people write to us through a channel."""
