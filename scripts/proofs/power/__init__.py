"""What is left when the power goes: a disk that keeps what was synced, and of the rest what it likes."""
