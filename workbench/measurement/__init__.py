"""What runs showed: the main job, samples of each access pattern, environment, results."""
