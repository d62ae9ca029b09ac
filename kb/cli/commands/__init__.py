"""The commands, one file each: a command reads its options, makes one call, and prints."""
