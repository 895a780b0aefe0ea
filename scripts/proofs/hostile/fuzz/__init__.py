"""Our own parsers, fed with what nobody would send on purpose."""
