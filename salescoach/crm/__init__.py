"""What a CRM exports, on its way to an immutable snapshot. The only floor that opens data files.

Text is read with a stated dialect, then parsed by type, then checked; whatever is not used is listed
with file, line, column, value and reason. Nothing is changed by guess.
"""
