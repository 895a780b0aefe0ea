"""Reading bibliographies as the settings want it."""
