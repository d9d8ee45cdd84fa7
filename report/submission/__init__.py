"""What a journal is sent: a manuscript, tables, figures and the papers that go with them, all from one count of the data."""
