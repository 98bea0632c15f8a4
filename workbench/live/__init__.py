"""A table in use: messages sent now, a stream followed and replayed, what bursts and lag cost."""
