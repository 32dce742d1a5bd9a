"""What the records and the literature say: reading them, and turning them into parameters."""
