"""Language models as the replica plays them: they read what they are sent, keep files, count tokens, lie if told."""
