"""The rights of a person over the whole workspace: erased from it, or stood for by a pseudonym.

The coaching record looks after itself (:mod:`salescoach.store.service.erasure`); here are the snapshots, reports,
models, owner maps, exports and caches beside it. The figures of a history stay true: rows stay and change their person.
"""
