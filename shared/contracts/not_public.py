"""Why an event is for named readers only, as its class says it in ``not_public``.

What anybody in the city reads of the events that do not say so is in their service's ``public.py``.
"""

A_DRAFT = "it is a draft"
A_PERSON = "it is about a person"
A_RECEIPT = "it tells of single receipts and contracts"
A_WORKER = "a role's hours may be one person's"
AN_ORGANISATION = "an organisation may be called after a person"
NOT_AGREED = "whoever answers for data protection has not been asked yet"
THE_OFFICE = "it is the office's own work"
WHO_COMES = "it says who is invited, comes or answers"
