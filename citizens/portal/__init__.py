"""The citizen's pages about what is known of them."""
