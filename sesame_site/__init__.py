"""The site: settings, addresses, background work, shared helpers and embedded services."""
