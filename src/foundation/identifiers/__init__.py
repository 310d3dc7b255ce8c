"""Identifiers that people type: ID number, credit code, mobile phone, personal name. Pure functions."""
