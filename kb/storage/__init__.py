"""kb on this machine: find the root, load notes, write files whole, Git, caches, session, watching."""
