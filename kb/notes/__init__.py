"""What a note is: kinds, fields, dates, front matter, templates, refs and links. Opens no file and reads no clock."""
