"""What a CRM exports, on its way to an immutable snapshot. The only floor that opens data files.

Text is read with a stated dialect, then parsed by type, then checked; whatever is not used is listed
with file, line, column, value and reason. Nothing is changed by guess.
"""

import os

# Polars keeps memory that is free again apart for each part of the program that asked for it, and pages touched for
# the first time cost more than reading them: with few parts an import takes a fifth less time. Read when it is loaded.
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:2")
