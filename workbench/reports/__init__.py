"""Tables, figures and executed notebooks, all made from stored runs."""
