"""Responses: what people answered, in tables and filled-in PDFs, and what a group shows."""
