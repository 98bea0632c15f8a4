"""Least privilege from evidence: the rights that recorded calls need, and which a policy denies."""
