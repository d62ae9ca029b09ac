"""Other tools' files as records: texts and dates in, records out; opens no file. Each source is a file or a folder of its own."""
