"""The lead lab's hands: it reads files and workspaces, keeps models on disk, and hands everything to
:mod:`salescoach.scoring`, which computes."""
