"""The MkDocs plugin and what it sets up."""
