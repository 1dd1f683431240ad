"""Files into the home directory and folders out of it.

| module | what it gives |
|---|---|
| `incoming` | what is brought in, kept apart until it is whole |
| `zipped` | a folder as one file |
| `handlers` | both over HTTP |
"""
