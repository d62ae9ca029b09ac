"""What others wrote, as records: texts and dates in, records out; knows no file. Each source is a file or a folder of its own."""
