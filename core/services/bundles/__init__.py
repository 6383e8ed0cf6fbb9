"""A benchmark as files: tables, TREC runs, and the decision bundle that anybody can check and recompute."""
