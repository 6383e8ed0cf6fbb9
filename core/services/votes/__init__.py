"""The log of votes: as columns, in files, looked through, reviewed and decided on."""
