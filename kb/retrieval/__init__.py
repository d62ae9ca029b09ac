"""Known errors and search: query, evidence, verdict, ranking, index."""
