"""The score as pure functions over arrays; knows no Django."""
