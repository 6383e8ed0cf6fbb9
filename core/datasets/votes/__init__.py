"""Votes in and out of files: Runoff's own log (JSONL), battle JSON as LMSYS and the MTEB arena write it, CSV."""
