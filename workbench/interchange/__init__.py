"""A model on its way to other tools and back: NoSQL Workbench, CloudFormation, AWS's modelling."""
