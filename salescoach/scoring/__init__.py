"""Scores for leads and deals that are honest, calibrated and explained. Never for people.

The functional core: it reads no file and no clock. :mod:`salescoach.leadlab` reads and stores for it.
"""
