"""The store of facts (事实库): tables, imports, reading back, and the migrations of all tables."""
