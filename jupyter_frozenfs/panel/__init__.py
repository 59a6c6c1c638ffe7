"""The panel's half in Python: models of what it shows, and what a kernel does for it.

`service` answers the requests of a page, whatever carries them: `widget` is the panel as a Jupyter widget,
`comm` is for the one in the sidebar. What they ask for is in `live`, in a browser, and in `disk`, elsewhere.
Importing this package imports none of them.
"""
