"""What a person goes through, one module a stage of life; begin with ``journey``."""
