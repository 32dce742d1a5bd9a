"""Results made readable; nothing is computed here."""
