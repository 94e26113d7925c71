"""What the members service tells the world: who may send delegates, which seats there are and who fills them.

Source of the words: council paper GRDrs 905/2023, lines 145-233. People are opaque ids here.
"""

from shared.contracts.members.conference import *
from shared.contracts.members.earlier_conference import *
from shared.contracts.members.guest_pools import *
from shared.contracts.members.mandates import *
from shared.contracts.members.open_point import *
from shared.contracts.members.seat_groups import *
from shared.contracts.members.working_groups import *

SERVICE = "members"
