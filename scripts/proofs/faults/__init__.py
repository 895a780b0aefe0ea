"""Services that fail in every way, alone and all at once; clocks, names, proxies and networks that do."""
