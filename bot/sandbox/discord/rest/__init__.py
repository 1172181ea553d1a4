"""The routes of Discord's REST API v10 that the stand-in serves, one module per resource."""
