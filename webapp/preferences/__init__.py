"""Pages and forms of a person's channels: addresses, frequency, quiet hours, problems."""
