"""The citizen's pages about the score."""
