"""Two readings of one bibliography, ours and another reader's, made one."""
