"""The e-mail channel: ``formatter`` says what a mail says, ``transport`` sends it."""
