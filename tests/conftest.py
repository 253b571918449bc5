"""What holds for all tests: none of them is about time, which compiling a kernel would use up."""

from hypothesis import settings

settings.register_profile("weft", deadline=None)
settings.load_profile("weft")
