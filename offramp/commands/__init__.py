"""One module a command: its options in one typed object, and what it does."""
