"""Model entries and their capabilities as data; never imports a model library."""

from core.catalog.availability import Availability
from core.catalog.catalog import Catalog

__all__ = ["Availability", "Catalog"]
