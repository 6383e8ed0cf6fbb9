"""Use cases: what the pages and the command line call; they know ports, never a database or a model."""
