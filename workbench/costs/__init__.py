"""What traced calls say of other workloads: growth, bills, and where the answer flips."""
