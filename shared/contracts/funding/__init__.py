"""What the funding service tells the world: a grant from its application to its proof of use.

Amounts are whole cents. What the notice lays down travels with ``GrantAwarded``: no reader has to know a default.
Nobody is named: payees are opaque references, staff hours belong to roles, whoever books or approves is an account.
"""

from shared.contracts.funding.activities import *
from shared.contracts.funding.commitments import *
from shared.contracts.funding.due import *
from shared.contracts.funding.entries import *
from shared.contracts.funding.notice import *
from shared.contracts.funding.open_point import *
from shared.contracts.funding.proof import *
from shared.contracts.funding.receipt import *

SERVICE = "funding"
