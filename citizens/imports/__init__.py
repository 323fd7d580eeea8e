"""Files of ties and behaviours into rows: whole files, exactly once, bad lines set aside with the reason."""
