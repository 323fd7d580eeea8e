"""What a rule set holds: its terms, their limits, differences between two, and the one that is installed."""
