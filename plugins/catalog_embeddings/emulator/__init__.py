"""A local server that speaks OpenAI's HTTP API: for demos, tests and benchmarks, with no key and no bill.

It is an island: it shares no code with the client it stands in for, so a misreading of the API on one side
is not repeated on the other. Nothing else in the package imports it, apart from the command line.
"""
