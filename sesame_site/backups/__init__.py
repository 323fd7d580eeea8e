"""A backup: one file with the database and the kept secret key, made and restored by PostgreSQL's own programs."""
