"""The nouns: frozen dataclasses, no I/O, no rules that need anything but their own fields."""
