"""The matching index: whom a message concerns, found without evaluating all filters."""
