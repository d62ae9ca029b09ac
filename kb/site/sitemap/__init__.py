"""The addresses, links and texts that all pages share."""
