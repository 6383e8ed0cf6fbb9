"""Where a model looks while it reads."""
