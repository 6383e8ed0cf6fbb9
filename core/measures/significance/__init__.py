"""Whether differences between systems on the same queries are real, how large they are, how many queries it takes."""
