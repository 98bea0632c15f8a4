"""A design at work: on a table, driven by a log, and what it left there."""
