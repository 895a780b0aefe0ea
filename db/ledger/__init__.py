"""What left the machine: `store` writes it down, `reading` adds it up."""
