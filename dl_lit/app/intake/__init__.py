"""The ways in: sources that people name, upload or put into watched folders."""
