"""Secrets in text: found by tables of rules and by what stands beside words such as `password`, and masked."""
