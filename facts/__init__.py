"""What is known: models, vocabulary, intake and store of ledgers (台账)."""
