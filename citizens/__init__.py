"""Who: people, their ties, what was observed of them, and what they consented to."""
