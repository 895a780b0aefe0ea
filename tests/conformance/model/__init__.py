"""The store against a model of what DESIGN promises, in whatever order its verbs are called.

picture   what a database holds, read with plain queries; the promises that need no expectation
expected  what it should hold after each step
machine   how a step is taken, and what holds after each
working   claim, answer, release, notice, time
arriving  files and lists, also known ones; pauses, readers, what is forgotten
dying     sudden deaths, restarts, suspects, late finishers
deciding  retries, reviews, works told apart, looking again
filing    quarantine, files handed in, lost and better ones
whole     all of it as one machine, on each kind of database
mutants   stores that break one rule each: the model has to find them
"""
