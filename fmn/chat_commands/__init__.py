"""Chat commands: answers to what people send FMN through a channel."""
