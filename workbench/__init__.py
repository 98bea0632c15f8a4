"""Which DynamoDB data model, and why? See README.md."""
