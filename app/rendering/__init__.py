"""Reports as bytes: domain objects in, HTML or JSON out."""
