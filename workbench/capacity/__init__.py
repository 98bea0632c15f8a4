"""Arithmetic of sizes, request units, prices and the monthly bill; knows no client."""
