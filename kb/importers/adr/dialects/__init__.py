"""The dialects of decision records, one file each."""
