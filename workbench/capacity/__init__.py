"""Arithmetic of sizes and request units; knows no client."""
