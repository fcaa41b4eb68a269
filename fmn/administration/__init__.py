"""What administrators see and do, and the record of it."""
