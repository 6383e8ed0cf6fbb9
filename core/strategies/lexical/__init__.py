"""Terms and their statistics."""
