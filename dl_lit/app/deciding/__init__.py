"""What people decide and bring: entries, files in quarantine, files handed in."""
