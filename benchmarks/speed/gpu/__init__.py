"""The set for one large GPU: shapes that a CPU cannot run in a benchmark, random weights, bf16, a table of its own."""
