"""What a person can do with Easel: one file per thing."""
