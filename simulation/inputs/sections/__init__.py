"""What is local to one county, section by section, each number with its unit and source."""
