"""A second, naive reading of what the verdicts must be: the oracle that the engine is compared with.

It walks over every single day, keeps no intervals, and shares no code with ``engine``. Where the two differ, one of
them has misread the semantics.
"""
