"""What the application needs, said without a database."""
