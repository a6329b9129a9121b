"""Viewers of PDF forms, driven as people would: Chromium's own (PDFium) and pdf.js (Firefox's)."""
