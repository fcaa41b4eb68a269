"""What tests are about, made with as few words as possible: databases, people, messages, channels."""
