"""Figures over time: what came, was matched and was sent, in small rows that outlive the ledger's.

They're counted from the ledger every few seconds, so that charts read a few hundred rows however much is
stored, and recording and delivering write nothing more.
"""
