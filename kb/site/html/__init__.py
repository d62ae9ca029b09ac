"""Markdown as safe HTML, the cache of pages, the Content-Security-Policy."""
