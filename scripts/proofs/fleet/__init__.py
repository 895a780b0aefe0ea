"""The same batch on SQLite and on PostgreSQL with three daemons, undisturbed and with parts of it lost at work."""
