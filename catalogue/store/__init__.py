"""Tables, repositories, the unit of work, migrations and the encryption of personal data."""
