"""Demo of ``fmn up``: a bus, some accounts and a mailbox, all real and all on this machine."""
