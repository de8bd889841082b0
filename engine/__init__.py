"""What follows: rule packs held against facts give verdicts (判定)."""
