"""Hours of the real daemon in bad weather."""
