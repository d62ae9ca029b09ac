"""What a site is made from: facts from Git and the files beside the notes, and the record of the last build."""
