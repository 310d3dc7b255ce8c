"""Spreadsheets: read anything tabular, find the table in it, write xlsx, write errors back into cells."""
