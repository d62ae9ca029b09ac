"""The terminal itself: questions, columns and colours, the editor, programs with a terminal of their own."""
