"""An X-ray of a message: what it changes, its records, the calls behind it, and the bill."""
