"""What the user's own subscriptions and keys allow, after all open copies failed; off unless set (docs/access.md)."""
