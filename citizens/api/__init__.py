"""What data furnishers call."""
