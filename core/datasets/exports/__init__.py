"""What leaves Runoff as files: judgments in TREC form, tables as CSV, JSON or Parquet."""
