"""Check that no file says a retired word: `make lint` runs it as ``python -m tests.retired_words``."""
