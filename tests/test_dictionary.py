"""The schema is the documentation: data/README.md says what salescoach/tables/schema.py says."""

from __future__ import annotations

from conftest import ROOT

from salescoach.tables.schema import REQUIRED_TABLES, TABLES, TYPES, dictionary


def test_dictionary_is_printed_from_the_schema():
    assert (ROOT / "data" / "README.md").read_text(encoding="utf-8") == dictionary()


def test_every_field_has_a_known_type_and_a_meaning():
    for table in TABLES.values():
        for field in table.fields:
            assert field.type in TYPES
            assert field.meaning


def test_every_reference_leads_to_a_field_that_exists():
    for table in TABLES.values():
        for field in table.fields:
            if field.refers_to:
                other, name = field.refers_to.split(".")
                assert name in TABLES[other].names


def test_keys_and_required_tables_exist():
    assert set(REQUIRED_TABLES) <= set(TABLES)
    for table in TABLES.values():
        assert set(table.key) <= set(table.names)
