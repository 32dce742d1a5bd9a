"""What the model should show as well: figures and series of a county, as targets."""
