"""Rule sets and changes tried on the whole population in memory, before they affect anybody."""
