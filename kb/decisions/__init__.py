"""The life of a decision record: status, chains, numbers."""
