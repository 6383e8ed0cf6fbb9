"""Collections on disk: readers of BEIR folders and files of hits, the collection file, TREC runs, the sample."""
