"""Is a design right: the faults that can be injected, and the schedules that show them."""
