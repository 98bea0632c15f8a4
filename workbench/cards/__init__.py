"""Design cards: what a design does on DynamoDB Local, on one page."""
