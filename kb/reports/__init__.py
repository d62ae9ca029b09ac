"""What the notes say taken together: reminders, statistics, costs, consistency."""
