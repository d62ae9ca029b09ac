"""The notes as a website."""
