"""The demo of ``fmn up``: a bus, a few people and a mailbox, all real and all on this machine."""
