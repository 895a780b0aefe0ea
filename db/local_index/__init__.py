"""The local index: metadata imported from dumps, searched without asking anybody.

`reader` answers, `writer` imports; `file` knows the tables, `words` what is looked for, `ranking` what is likeliest.
"""
