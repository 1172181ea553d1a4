"""A stand-in of Discord on loopback: REST v10, gateway v10 and CDN, with Discord's own rules and refusals."""
