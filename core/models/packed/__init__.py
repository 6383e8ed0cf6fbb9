"""Many texts in one forward pass without padding: as segments of one row, with shared leading parts run once."""
