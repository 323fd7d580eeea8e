"""The administrators' console: rule sets, previews, runs and contests."""
