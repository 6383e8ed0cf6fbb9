"""What several screens share: guard, state in the URL, views, charts, errors."""
