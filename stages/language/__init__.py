"""Language models as a reader of what rules read badly, and as a judge of what matching leaves open.

Nothing a model says is believed: what is not in print, or not borne out by a record, is not taken.
"""
