"""The leaderboard's screen."""
