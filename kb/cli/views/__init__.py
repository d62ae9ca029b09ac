"""What a screen shows of notes and answers, and the questions that a note asks."""
