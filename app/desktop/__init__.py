"""The Qt face: views, models and controllers, no rule and no I/O."""
