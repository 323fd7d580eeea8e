"""Scores kept up to date between runs: changes in the outbox become the few scores that move."""
