"""What holds for everything in the catalogue: one file a property."""
