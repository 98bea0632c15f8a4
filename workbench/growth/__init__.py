"""How latency and cost grow with a table, an inbox and a conversation."""
