"""The steps of the river, one verb a file. Each takes what it works with as arguments: the wiring is bootstrap's."""
