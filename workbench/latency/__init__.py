"""How long access patterns take: requests sent on a schedule, designs in turns, verdicts."""
