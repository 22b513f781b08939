"""The Temporal side: contract literals, execution gateway, error mapping."""
