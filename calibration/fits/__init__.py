"""What records show without a search: durations, rates, shares, recurrences and series."""
