"""A table and functions for a brief of access patterns: judged by its answers, and metered."""
