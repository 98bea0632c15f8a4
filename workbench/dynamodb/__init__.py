"""How DynamoDB is spoken to: DynamoDB Local's life cycle, targets, tables, the meter."""
