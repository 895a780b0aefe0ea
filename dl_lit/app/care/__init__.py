"""Care of what is kept: backups, leftovers, dated second looks, checks of the machine."""
