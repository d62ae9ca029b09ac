"""What a note is: kinds, fields, dates, front matter, templates, refs and links. Knows no file and no clock."""
