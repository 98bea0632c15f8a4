"""What a DAX cluster would change: a model of what is documented, measured on a log's reads."""
