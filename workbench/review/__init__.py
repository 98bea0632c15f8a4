"""A review: what a team reads before it commits to keys, gathered, judged and shown."""
