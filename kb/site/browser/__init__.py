"""Data for the scripts of the site: search, and known errors for the paste page."""
