"""A study folder proposed from data files: tables, what their columns may be, what they may measure; a person decides.

Building a report infers nothing. Here everything is inferred, and every inference is written down as one, with `# ?`.
"""

from stats.propose.study import Proposal, propose
from stats.propose.tables import read
from stats.propose.write import write

__all__ = ["Proposal", "propose", "read", "write"]
