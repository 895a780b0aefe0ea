"""Watching folders: events are hints, a file is taken when it has stopped changing, looking through catches the rest.

`wanted` says which files, `settling` when one is finished, `sight` how a folder is seen, `root` whether it is there at
all, and `folder` puts them together.
"""
