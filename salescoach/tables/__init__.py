"""What a valid table is, and the data of one organisation as it was known on a day."""
