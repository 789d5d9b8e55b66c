"""How properties are tried: the same examples every time, and no clock, because this machine may be busy."""

from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")
