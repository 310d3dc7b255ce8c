"""Printed documents: Typst templates to PDF, Word forms built in code, QR codes, amounts in words.

It knows layout and fonts, no business: a stage keeps its templates beside its own `forms` package.
"""
