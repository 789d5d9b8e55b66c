"""Guards: what a language model wrote of an item, checked against what its record says. One rule a file."""
