"""Parts of the page Strategies."""
