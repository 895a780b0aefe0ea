"""The snapshot on the whole screen, renewed by itself."""
