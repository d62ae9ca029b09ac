"""kb on this machine: finding the root, loading notes, writing whole files, Git, caches, the session, watching."""
