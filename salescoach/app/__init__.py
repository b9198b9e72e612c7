"""Screens of ipywidgets, served by Voila: thin, they show what the core says and store what people write."""

from salescoach.app.development import DevelopmentApp, development_app
from salescoach.app.imports import ImportApp, import_app
from salescoach.app.improvement import ImprovementApp, improvement_app
from salescoach.app.leads import LeadsApp, leads_app
from salescoach.app.metrics import MetricsApp, metrics_app
from salescoach.app.one_on_one import OneOnOneApp, one_on_one_app
from salescoach.app.review import ReviewApp, review_app
from salescoach.app.team import TeamApp, team_app

__all__ = [
    "DevelopmentApp",
    "ImportApp",
    "ImprovementApp",
    "LeadsApp",
    "MetricsApp",
    "OneOnOneApp",
    "ReviewApp",
    "TeamApp",
    "development_app",
    "import_app",
    "improvement_app",
    "leads_app",
    "metrics_app",
    "one_on_one_app",
    "review_app",
    "team_app",
]
