"""Secrets in text: found by tables of rules and by words such as `password` beside them, and masked."""
