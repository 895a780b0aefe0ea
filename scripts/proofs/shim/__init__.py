"""What stands between the program and the disk, to write down or to fail what it asks of it."""
