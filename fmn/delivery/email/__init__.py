"""The e-mail channel: ``formatter`` makes mails, ``smtp_pool`` sends them."""
