"""The IRC channel: ``formatter`` says what its lines say."""
