"""What a log says: messages, headers, masks, fingerprints, the lines that matter. Knows no note."""
