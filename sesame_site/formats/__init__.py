"""How dates and times are written, where a language's own way is not what pages need; one module for each language."""
