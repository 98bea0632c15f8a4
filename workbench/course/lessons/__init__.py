"""What single lessons act with: records, rights, models, the relational baseline beside."""
