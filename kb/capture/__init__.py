"""Writing notes: draft, mask, fill, name, file, commit, without a prompt, a clock or a terminal."""
