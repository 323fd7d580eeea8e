"""What machines read of scores."""
