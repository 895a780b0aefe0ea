"""Corpora of any size: bibliographies read and entries matched as tasks of an engine, kept as Parquet.

`extracting` and `matching_run` are the two courses; `orders` is what travels to a task, `doing` what a task does
wherever it runs, `engines` who runs it. `places` are folders and object stores, `listing` the PDFs of one, `plan` what
is missing, `shapes` the columns, `manifest` what was made. `bringing` puts the result into a database.
"""
