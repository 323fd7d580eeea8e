"""Helpers that every app may use and that know none of them."""
