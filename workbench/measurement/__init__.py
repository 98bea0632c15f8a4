"""What runs showed: driving the designs, samples, statistics, environment, storage."""
