"""Online readers: what the ranking team and the command line call."""
