"""What all notes say together: reminders, statistics, costs, consistency."""
