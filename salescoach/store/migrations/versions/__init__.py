"""One module per step, oldest first by its revision."""
