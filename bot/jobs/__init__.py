"""From an accepted request to its one visible outcome: states, storage, and what moves a job on."""
