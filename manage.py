#!/usr/bin/env python
"""Sesame's command line, in a checkout."""

from sesame_site.__main__ import main

if __name__ == "__main__":
    main()
