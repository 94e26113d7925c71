"""A sound run, spoiled in one place: what the checker must not overlook. Each names the invariant that it breaks."""

from tests.campaign.mutations import decided, followed, kept
from tests.campaign.mutations.draft import MUTATIONS, Draft, Mutation

__all__ = ["MUTATIONS", "Draft", "Mutation", "decided", "followed", "kept"]
