"""Moved to core/domain/student.py; this name goes when nobody imports it any more."""

from core.domain.student import two_sided_quantile as two_sided_quantile
from core.domain.student import two_sided_tail as two_sided_tail
