"""Languages of collections: their names, their scripts, and finding out which one a corpus is in."""
