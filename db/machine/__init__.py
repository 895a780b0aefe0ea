"""What all dl_lit processes of a machine know together about the services."""
