"""The ways in which decision records are written, one file each."""
