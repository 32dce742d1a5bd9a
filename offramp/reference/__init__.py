"""Pages and schemas generated from the code."""
