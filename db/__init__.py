"""Tables, migrations and the store: everything that must survive, in one database through SQLAlchemy."""
