"""What the meetings service tells the world: sessions, invitations, recommendations and council papers.

Whoever has to be written to because of an event stands in it as ``recipients`` (opaque ids), frozen when it
was decided: nobody downstream has to guess who was meant.
"""

from shared.contracts.meetings.focus_area import *
from shared.contracts.meetings.invitation import *
from shared.contracts.meetings.minutes import *
from shared.contracts.meetings.open_point import *
from shared.contracts.meetings.paper import *
from shared.contracts.meetings.paper_text import *
from shared.contracts.meetings.recommendation import *
from shared.contracts.meetings.report import *
from shared.contracts.meetings.session import *
from shared.contracts.meetings.session_held import *
from shared.contracts.meetings.supersession import *

SERVICE = "meetings"
