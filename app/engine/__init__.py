"""A worker that speaks AlgaPSA's runtime contract from the executing side."""
