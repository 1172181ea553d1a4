"""The offline world: servers on loopback that stand in for Discord and for the ToAPIs gateway.

They keep the rules of the real services, refuse what those refuse, record every exchange (`record`) and misbehave on
demand (`faults`). As judges of the bot they share no code with it.
"""
