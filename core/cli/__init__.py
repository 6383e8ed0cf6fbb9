"""The command line over the same services as the pages: data on stdout, progress and errors on stderr.

Exit codes: 0 done; 1 the work failed or was incomplete; 2 the request was not understood or not allowed;
130 interrupted.
"""
