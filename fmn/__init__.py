"""FMN tells each contributor of a software project what on its message bus concerns them."""
