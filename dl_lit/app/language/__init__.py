"""Language models in the program: put together from the settings, and told of.

`opened` is one model that may be asked, `languages` those of a process over reloads, `place` and `terms` what the
settings say of them, `use` what was asked over all. `standing` and `now` are how the model stands, `plan` what it would
be asked; `words`, `documents` and `conditions` tell of it to people, programs and whoever watches.
"""
