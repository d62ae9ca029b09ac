"""What others wrote, as notes: pure rules, texts and dates in, records out. Each source is a file or a folder of its own."""
