"""Screens of ipywidgets, served by Voila: thin, they show what the core says and store what people write."""

from salescoach.app.review import ReviewApp, review_app

__all__ = ["ReviewApp", "review_app"]
