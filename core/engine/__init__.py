"""The engine seen from the front: wire protocol, client and supervision; never imports a model."""
