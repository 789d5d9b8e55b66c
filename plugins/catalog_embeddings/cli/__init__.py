"""The command line: a door. It reads arguments, calls the steps, and shows what they say."""
