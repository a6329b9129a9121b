"""Responses: what people answered, from tables and filled-in PDFs, and what a group of them shows."""
