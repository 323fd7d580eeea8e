"""The administrators' pages about people."""
