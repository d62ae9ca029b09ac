"""Writing notes without a prompt, a clock or a terminal: draft, mask, fill in, name, save, commit."""
