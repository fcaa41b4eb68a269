"""FMN as it runs in production: real processes on real servers, a bus that signs, people who get mail."""
