"""The hub: puts stages, network, database and engine together as the settings say. Nothing here decides anything."""
