"""The screen of votes and voters."""
