"""From votes and labels to ratings: outcomes, identifiability, Bradley-Terry, intervals. numpy only."""
