"""Which DynamoDB data model, and why? Designs, a meter and comparisons on DynamoDB Local."""
