"""What would happen: drafts tried on the whole population before anyone feels them."""
