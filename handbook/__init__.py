"""The handbook press.

Five verbs, one direction: `load → resolve → plan → render → publish`. Each is a function from
values to a value; `pipeline` calls them in order. Imports point downwards only:

    cli  serve  doctor  words             the edges: only the command line prints, prompts or exits
    brand                                 a new brand; a sheet that shows all of one
    exchange                              tables and filled-in PDFs, to and from people outside
    pipeline                              the verbs in order
    loading  prints                       a folder read and checked; the printed documents
    publish                               stage, verify, exchange; lock; manifest
    render                                views → HTML → PDF
    plan                                  documents × editions → outputs, paths, links
    check                                 what typographic rules find in the words, and mend
    resolve                               layers → typed editions
    theme  language  source               themes and brands; CLDR, catalogs, typography; files
    cache  model                          digests, stores; entries, assessments, formulas
    diagnostics  progress                 Span, Problem, ContentError; how work is told
"""

__version__ = "0.1.0"
