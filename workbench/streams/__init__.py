"""Reading a table's stream and bringing its records to a design's stream update."""
