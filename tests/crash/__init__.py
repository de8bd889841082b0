"""Harm done for real: processes killed, disks filled, connections cut, and what the database says afterwards."""
