"""What behaviours and ties are worth: rule sets, runs, scores and their explanation."""
