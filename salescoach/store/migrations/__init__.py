"""Steps from one schema of the coaching record to the next; run by ``salescoach.store.schema`` only."""
