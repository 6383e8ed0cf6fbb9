"""The screen of the decision."""
