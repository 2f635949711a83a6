"""One module per city: how it acts as home region. Each imports ``catalogue.domain`` only."""
