"""The meeting and what was promised, for anybody's calendar (iCalendar, RFC 5545)."""

from __future__ import annotations

from datetime import timedelta

from salescoach.report.documents.facts import Agreed, Session
from salescoach.report.documents.parts import title_text
from salescoach.safe_html import printable
from salescoach.words import Words


def ics_bytes(session: Session, words: Words) -> bytes:
    """The meeting with its time zone, and each open promise that has a date as a day of its own.

    Promises are whole-day events that block no time: many calendars show no to-do of an imported file. Numbers and
    notes stay out, because calendars are read by more people than a coaching record.
    """
    from icalendar import Calendar  # loaded for calendar files only

    calendar = Calendar()
    calendar.add("prodid", "-//salescoach//one-on-one//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if session.starts is not None:
        calendar.add_component(_meeting(session, words))
    for one in (*session.carried, *session.agreed):
        if one.due is not None and one.status in ("open", "in_progress"):
            calendar.add_component(_promise(one, session, words))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _meeting(session: Session, words: Words):  # type: ignore[no-untyped-def]  # icalendar has a type, loaded late
    from icalendar import Event

    event = Event()
    event.add("uid", f"{session.uid}@salescoach")
    event.add("dtstamp", session.written)
    event.add("sequence", session.version)
    event.add("summary", printable(title_text(session, words)))
    event.add("dtstart", session.starts)
    event.add("dtend", session.starts + timedelta(minutes=session.minutes))  # type: ignore[operator]
    points = [f"- {printable(point.text)}" for point in session.points if point.text.strip()]
    event.add("description", "\n".join([words("one_on_one.agenda.title"), *points, "", words("notice.use")]))
    return event


def _promise(agreed: Agreed, session: Session, words: Words):  # type: ignore[no-untyped-def]
    from icalendar import Event

    event = Event()
    event.add("uid", f"{agreed.uid}@salescoach")
    event.add("dtstamp", session.written)
    event.add("summary", words("one_on_one.due_today", text=printable(agreed.text)))
    event.add("dtstart", agreed.due)
    event.add("dtend", agreed.due + timedelta(days=1))  # type: ignore[operator]
    event.add("transp", "TRANSPARENT")
    event.add("description", words("notice.use"))
    return event
