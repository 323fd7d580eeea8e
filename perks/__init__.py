"""What a score opens and what it closes."""
