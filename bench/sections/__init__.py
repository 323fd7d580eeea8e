"""What is measured: each module holds one table."""
