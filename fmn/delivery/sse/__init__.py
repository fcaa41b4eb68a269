"""The channel of Server-Sent Events: ``formatter`` says what an event says, ``channel`` appends it."""
