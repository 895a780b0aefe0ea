"""What the control surface answers and does, put together for `web`."""
